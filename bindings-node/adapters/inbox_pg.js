// The inbox on PostgreSQL, as an ES module.

import inbox from './inbox_pg.cjs'

export const { Inbox, InboxUnavailableError, LeaseEnded, tables } = inbox
