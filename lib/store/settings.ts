/** Settings of every query and insert, the same for the library and for servers. */

/** Names and values as in https://clickhouse.com/docs/operations/settings/settings. */
export const SETTINGS: Readonly<Record<string, string | number>> = {
  // Look-ups carry thousands of ids in one literal.
  max_query_size: 67_108_864,
  // 64-bit integers as numbers: counts and milliseconds are far below 2^53; sums beyond that are asked for as text.
  output_format_json_quote_64bit_integers: 0,
  output_format_json_quote_denormals: 0,
  // One batch is one part on disk: whole or absent.
  max_insert_block_size: 1_048_576,
  min_insert_block_size_rows: 1_048_576,
  min_insert_block_size_bytes: 1_073_741_824,
  input_format_parallel_parsing: 0,
  async_insert: 0,
  optimize_use_projections: 1,
  // Rewriting count(usd) to a subcolumn would hide that the stored sums answer it.
  optimize_functions_to_subcolumns: 0,
}
