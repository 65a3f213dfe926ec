// The package as an ES module.

import hookseal from './index.cjs'

export const {
  ACTIONS,
  ENTITIES,
  KINDS,
  VENDORS,
  Claim,
  Delivery,
  Event,
  Handshake,
  Key,
  Receiver,
  RecordError,
  Recorded,
  Rejection,
  ReplayGuard,
  WebhookEvent,
  fromTrustedRecord,
  outgoing,
  sign,
  version,
} = hookseal
