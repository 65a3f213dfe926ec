// The inbox on SQLite, as an ES module.

import inbox from './inbox_sqlite.cjs'

export const { Inbox, InboxUnavailableError, LeaseEnded, tables } = inbox
