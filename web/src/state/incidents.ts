/** The incidents page as its address writes it: which incident, which rules are changed, the seed; defaults are left out. */
import { INCIDENTS, type Incident } from '../../../lib/sim/index.ts'

/** Words: `id`, `with` (name=value by comma), `seed`. */
export type IncidentWords = { readonly id: string; readonly with: string; readonly seed: string }

/** The words of an address without any. */
export const INCIDENT_WORDS: IncidentWords = { id: '2026-03-10-wsteth-cap', with: '', seed: '1' }

/** The words of an address, defaults filled in; an unknown id opens the default one. */
export function incidentWords(own: Readonly<Record<string, string>>): IncidentWords {
  const words = { ...INCIDENT_WORDS, ...own }
  const known = INCIDENTS.some(({ id }) => id === words.id)
  return { id: known ? words.id : INCIDENT_WORDS.id, with: words.with, seed: words.seed }
}

/** What the address says of them: all but the defaults. */
export function incidentAddress(words: IncidentWords): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(words).filter(([key, word]) => word !== INCIDENT_WORDS[key as keyof IncidentWords]),
  )
}

/** The changed rules by name of setting. */
export function changesOf(words: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.split(',').flatMap((word) => {
      const cut = word.indexOf('=')
      return cut > 0 ? [[word.slice(0, cut).trim(), word.slice(cut + 1).trim()] as const] : []
    }),
  )
}

/** Changed rules as words; what is as on the date is left out. */
export function changesWord(incident: Incident, changes: Readonly<Record<string, string | number>>): string {
  const own = new Map(incident.settings.map(({ name, value }) => [name, String(value)]))
  return Object.entries(changes)
    .filter(([name, value]) => own.get(name) !== String(value))
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
}

/** The command that gives the same run. */
export function incidentCommand({ id, with: changes, seed }: IncidentWords): string {
  const words = Object.entries(changesOf(changes)).map(([name, value]) => `--with ${name}=${value}`)
  const seeded = seed === INCIDENT_WORDS.seed ? [] : [`--seed ${seed}`]
  return ['breakwater incident run', id, ...words, ...seeded].join(' ')
}
