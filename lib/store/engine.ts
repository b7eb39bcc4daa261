/** What the SQL store needs from whoever runs the SQL: a library in this process, a server, or a cluster. */

/** Runs SQL. Errors come out as `BreakwaterError`. */
export type SqlEngine = {
  readonly name: 'embedded' | 'clickhouse'
  readonly cluster: string | undefined
  /** Rows of a query, each an object by column name; 64-bit integers as numbers. */
  rows<R>(sql: string, params?: Readonly<Record<string, string | number>>): Promise<readonly R[]>
  /**
   * A statement without an answer, on every node. With `all`, refuses when one of them cannot be reached; without, when none can:
   * what a node missed is made up for at the next opening.
   */
  everywhere(sql: string, need: 'all' | 'any'): Promise<void>
  /** One insert of lines in `TabSeparated`; the same `token` twice on the same node inserts once. Durable when it resolves. */
  insert(table: string, columns: readonly string[], lines: string, token: string): Promise<void>
  close(): Promise<void>
}
