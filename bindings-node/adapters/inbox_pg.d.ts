// The types of the inbox on PostgreSQL, as an ES module.

export * from './inbox_pg.cjs'
