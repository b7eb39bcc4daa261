/** What-ifs over HTTP: what a shock strikes, and what follows on the market. Small questions only; the command line has workers and no such bounds. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { givenBooks, type LendingBooks, simulatedBooks } from '../../analytics/index.ts'
import { breakwaterError, canonical } from '../../model/index.ts'
import { checkedScenario, parsePositions, type Scenario } from '../../sim/index.ts'
import type { Heavy } from '../heavy.ts'
import { cascade, cascadeBody, stress, stressBody } from '../schemas/cascade.ts'
import { plainAnswer, type Server, sendBody } from '../server.ts'
import { loanPaths } from '../stress/loans.ts'
import { followedPaths } from '../stress/paths.ts'
import { positionPaths } from '../stress/positions.ts'
import { type StressParams, type StressQuestion, stressQuestion } from '../stress/question.ts'
import { targetsOf } from '../stress/shocked.ts'
import { subjectOf, type WhatIf, whatIf } from '../stress/what-if.ts'
import { problems, schemaOf } from './ask.ts'

/** The largest body that is read. */
const MOST_BODY = 1_048_576
/**
 * What a server lends of itself: loans times steps of a market, loans that are judged, paths, and steps of all paths together. An inverse question asks
 * so many times.
 */
const MOST = { work: 60_000, judged: 200_000, paths: 5_000, pathSteps: 10_000_000 } as const

type Given = string | readonly unknown[] | undefined
/** What is asked: words, and the book. */
export type StressBody = Readonly<Record<string, string | number | undefined>> & {
  readonly accounts?: Given
  readonly assets?: Given
  readonly positions?: Given
  readonly eModes?: readonly unknown[]
  readonly scenario?: Readonly<Record<string, unknown>>
}
const SOLVING = 40

/** Adds the routes. */
export function addCascade(app: FastifyInstance, server: Server, heavy: Heavy): void {
  const add = (name: 'stress' | 'cascade', summary: string, body: z.ZodType, data: z.ZodType) => {
    const url = `/v1/${name}`
    const { querystring: _none, ...rest } = schemaOf({ url, summary, query: z.strictObject({}), data }, ['json'])
    const schema = { ...rest, body, response: { ...rest.response, ...problems(404, 413, 415) } }
    app.post(url, { schema, bodyLimit: MOST_BODY }, async (request, reply) => {
      const asked = request.body as StressBody
      const found = await heavy.run('stress', { asked, feedback: name === 'cascade' })
      return send(server, request, reply, found, commandOf(asked, name === 'cascade'), `${name} v1`)
    })
  }
  add('stress', 'What a shock makes liquidatable, by mechanism, and who is next (simulated)', stressBody, stress)
  add(
    'cascade',
    'What follows a shock: forced sales, overshoot, bad debt, who pays, paths (simulated)',
    cascadeBody,
    cascade,
  )
}

/** The answer to a body. Refuses (`bad-query`, `bad-scenario`, …) what is wrong with it and what is too much for a server. */
export function answerOf(
  { accounts, assets, eModes, positions, scenario, ...words }: StressBody,
  feedback: boolean,
): WhatIf {
  const text = Object.entries(words).map(([name, value]) => [name, value === undefined ? undefined : String(value)])
  const params: StressParams = { ...Object.fromEntries(text), cascade: feedback ? 'true' : undefined }
  const question = stressQuestion(params)
  checkPaths(question)
  const times = (question.solve ? SOLVING : 1) + (question.diff ? 1 : 0)
  if (scenario !== undefined) return ofScenario(checkedScenario(scenario), params, times)
  if (positions !== undefined) {
    const list = parsePositions(textOf(positions))
    return withPaths(
      whatIf({ kind: 'positions', list }, params),
      followedPaths(positionPaths(list, subjectOf({ kind: 'positions', list }).heard(question))),
    )
  }
  const books =
    accounts === undefined
      ? simulatedBooks(words['seed'] === undefined ? undefined : String(words['seed']))
      : booksOf({ accounts, assets, eModes, words })
  const loans = books.books.reduce((sum, book) => sum + targetsOf(book).length, 0)
  checkWork(loans * times, `${loans} ${loans === 1 ? 'loan' : 'loans'} judged ${times} times`, MOST.judged)
  if (feedback)
    checkWork(
      loans * question.market.steps * times,
      `${loans} loans over ${question.market.steps} steps${times > 1 ? `, ${times} times` : ''}`,
    )
  const given = { kind: 'loans', books } as const
  const changed = () => subjectOf(given).changed(question.set, question.rules).subject.books ?? []
  return withPaths(
    whatIf(given, params),
    question.paths ? followedPaths(loanPaths(changed(), subjectOf(given).heard(question))) : [],
  )
}

function ofScenario(scenario: Scenario, params: StressParams, times: number): WhatIf {
  if (scenario.rooms.some(({ book }) => book.kind === 'file'))
    throw breakwaterError(
      'bad-scenario',
      'a room’s book is a file, which the server does not read',
      {},
      { fix: 'Write the loans into the scenario: {"kind":"borrowers"}.' },
    )
  const accounts = scenario.rooms.reduce(
    (sum, { book }) =>
      sum + (book.kind === 'drawn' ? book.accounts : book.kind === 'borrowers' ? book.borrowers.length : 0),
    0,
  )
  checkWork(
    (accounts + 10) * scenario.steps * times,
    `${accounts} accounts over ${scenario.steps} steps${times > 1 ? `, ${times} times` : ''}`,
  )
  return whatIf({ kind: 'scenario', scenario, files: new Map() }, params)
}

function withPaths<T extends object>(answer: T, paths: readonly unknown[]): T {
  return paths.length > 0 ? { ...answer, paths } : answer
}

function checkWork(work: number, what: string, most: number = MOST.work): void {
  if (work > most)
    throw breakwaterError(
      'bad-query',
      `${what} are more than a server computes`,
      { work, most },
      {
        fix: 'Ask for fewer steps or accounts, or run `breakwater stress` or `breakwater simulate` on your own machine.',
      },
    )
}

function checkPaths({ paths }: StressQuestion): void {
  if (!paths) return
  const steps = Math.min(100_000, paths.days * 1_440) * paths.paths
  if (paths.paths > MOST.paths || steps > MOST.pathSteps)
    throw breakwaterError(
      'bad-query',
      `${paths.paths} paths of ${paths.days} days are more than a server follows`,
      { paths: paths.paths, most: MOST.paths },
      {
        fix: 'Ask for fewer, or run `breakwater stress --paths` on your own machine.',
      },
    )
}

function booksOf({
  accounts,
  assets,
  eModes,
  words,
}: {
  accounts: Given
  assets: Given
  eModes: StressBody['eModes']
  words: StressBody
}): LendingBooks {
  const protocol = words['protocol'] === undefined ? undefined : String(words['protocol'])
  const beside = typeof assets === 'string' ? assets : undefined
  if (typeof accounts === 'string') return givenBooks(accounts, beside ?? (assets && JSON.stringify(assets)), protocol)
  const inside = typeof assets === 'string' ? [] : (assets ?? [])
  return givenBooks(JSON.stringify({ accounts, assets: inside, eModes: eModes ?? [] }), beside, protocol)
}

const textOf = (given: Exclude<Given, undefined>) => (typeof given === 'string' ? given : JSON.stringify(given))

/** The command that gives the same numbers; data that was posted stands in FILE. */
function commandOf(
  { accounts, assets, eModes: _e, positions, scenario, ...words }: StressBody,
  feedback: boolean,
): string {
  const book = scenario
    ? '--scenario FILE'
    : `--book ${positions !== undefined || accounts !== undefined ? 'FILE' : 'demo'}`
  const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const options = Object.entries(words).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [name === 'diff' && value === 'true' ? '--diff' : `--${kebab(name)} ${shellWord(name, value)}`],
  )
  const beside = accounts !== undefined && assets !== undefined ? ['--assets FILE'] : []
  return [
    'breakwater stress',
    book,
    ...beside,
    ...options,
    ...(feedback && !scenario ? ['--cascade'] : []),
    '--json',
  ].join(' ')
}

/** A mark holds signs that a shell would take for itself. */
const shellWord = (name: string, value: string | number) => (name === 'until' ? `'${value}'` : String(value))

function send(
  { options }: Server,
  request: FastifyRequest,
  reply: FastifyReply,
  data: WhatIf,
  command: string,
  method: string,
): FastifyReply {
  const now = options.clock.now()
  const given = plainAnswer(data, method, command, { kind: 'computed', sources: ['simulated'] }, now)
  return sendBody(request, reply, now, given.provenance, 'json', canonical(given))
}
