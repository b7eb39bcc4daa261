import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { profilePage, REFRESH_COMMAND } from './profile-page.ts'
import { perpProfiles } from './registry.ts'

const PAGE = resolve(dirname(fileURLToPath(import.meta.url)), '../../../docs/perp-profiles.md')

describe('docs/perp-profiles.md', () => {
  it('says what the profiles say', () => {
    const written = profilePage(perpProfiles)
    if (process.env['REFRESH'] === '1') writeFileSync(PAGE, written)
    const stands = readFileSync(PAGE, 'utf8')
    const line = written.split('\n').findIndex((text, at) => text !== stands.split('\n')[at])
    expect(
      stands === written,
      `line ${line + 1} differs from the profiles; write the page anew: ${REFRESH_COMMAND}`,
    ).toBe(true)
  })

  it('lists every profile, contract, source and note', () => {
    const stands = readFileSync(PAGE, 'utf8')
    for (const { name, from, markets, sources, notes } of perpProfiles) {
      expect(stands).toContain(`## ${name}, ${from} to `)
      for (const { symbol } of markets) expect(stands).toContain(`| ${symbol} |`)
      for (const { what, url, date } of sources) expect(stands).toContain(`${what}. <${url}> (${date}, `)
      for (const note of notes) expect(stands).toContain(`- ${note}`)
    }
    expect(stands).not.toMatch(/undefined|NaN|Infinity|∞|\de-\d/)
  })

  it('has anchors that exist, each once', () => {
    const page = profilePage(perpProfiles)
    const anchors = [...page.matchAll(/\(#([^)]+)\)/g)].map(([, anchor]) => anchor)
    const titles = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) =>
      (title as string).toLowerCase().replace(/[,()]/g, '').replaceAll(' ', '-'),
    )
    expect(new Set(anchors).size).toBe(perpProfiles.length)
    expect(anchors).toEqual(titles)
  })
})
