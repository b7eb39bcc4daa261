/** The questions that every door answers alike: totals, records, report, coverage, venues, open interest, funding. */
import type { FastifyInstance } from 'fastify'
import {
  coverageAnswer,
  fundingAnswer,
  historyAnswer,
  largestAnswer,
  oiAnswer,
  recordsAnswer,
  reportAnswer,
  totalsAnswer,
  venuesAnswer,
} from '../../store/index.ts'
import * as schema from '../schemas/answers.ts'
import * as query from '../schemas/question.ts'
import type { Server } from '../server.ts'
import {
  COVERAGE_COLUMNS,
  DAY_COLUMNS,
  EVENT_COLUMNS,
  groupColumns,
  POLICY_COLUMNS,
  SERIES_COLUMNS,
} from '../tables.ts'
import { addQuestion, table } from './ask.ts'

/** Adds the question routes. */
export function addQuestions(app: FastifyInstance, server: Server): void {
  addQuestion(app, server, {
    ...{ url: '/v1/totals', summary: 'Totals over a window, by groups, with their coverage', ask: totalsAnswer },
    ...{ query: query.totalsQuery, data: schema.totals },
    table: ({ groups }) => table(groupColumns(groups), groups),
  })
  addQuestion(app, server, {
    ...{
      url: '/v1/totals/history',
      summary: 'The same sums minute by minute, hour by hour or day by day',
      ask: historyAnswer,
    },
    ...{ query: query.historyQuery, data: schema.series },
    table: (points) => table(SERIES_COLUMNS, points),
  })
  addQuestion(app, server, {
    ...{ url: '/v1/largest', summary: 'The largest single liquidations of a window', ask: largestAnswer },
    ...{ query: query.largestQuery, data: schema.events },
    table: (events) => table(EVENT_COLUMNS, events),
  })
  addQuestion(app, server, {
    ...{ url: '/v1/records', summary: 'The record book of days', ask: recordsAnswer },
    ...{ query: query.recordsQuery, data: schema.records },
    table: ({ days }) => table(DAY_COLUMNS, days),
  })
  addQuestion(app, server, {
    ...{
      url: '/v1/report',
      summary: 'The article of a day or window, every sentence with its receipts',
      ask: reportAnswer,
    },
    ...{ query: query.reportQuery, data: schema.report },
    markdown: ({ markdown }) => markdown,
  })
  addQuestion(app, server, {
    ...{
      url: '/v1/coverage',
      summary: 'How much of each venue was heard in a window, its policy and gaps',
      ask: coverageAnswer,
    },
    ...{ query: query.coverageQuery, data: schema.coverage },
    table: ({ venues }) => table(COVERAGE_COLUMNS, venues),
  })
  addQuestion(app, server, {
    ...{
      url: '/v1/venues',
      summary: 'Every venue and protocol with the dated policies of its feeds',
      ask: venuesAnswer,
    },
    ...{ query: query.noQuery, data: schema.venueCards },
    table: (cards) =>
      table(
        POLICY_COLUMNS,
        cards.flatMap((venue) => venue.coverage.map((fact) => ({ venue, fact }))),
      ),
  })
  addQuestion(app, server, {
    ...{ url: '/v1/oi', summary: 'Open interest as last published, one-sided', ask: oiAnswer },
    ...{ query: query.marketQuery, data: schema.events },
    table: (events) => table(EVENT_COLUMNS, events),
  })
  addQuestion(app, server, {
    ...{ url: '/v1/funding', summary: 'Funding rates as last published', ask: fundingAnswer },
    ...{ query: query.marketQuery, data: schema.events },
    table: (events) => table(EVENT_COLUMNS, events),
  })
}
