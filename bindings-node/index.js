// The package as an ES module.

import hookseal from './index.cjs'

export const { Delivery, Event, Handshake, Key, Receiver, Rejection, sign, version } = hookseal
