// The types of the inbox on SQLite, as an ES module.

export * from './inbox_sqlite.cjs'
