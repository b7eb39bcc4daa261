/** A real Chromium out of an npm package, and pages that tell what went wrong in them. */
import chromium from '@sparticuz/chromium'
import { type Browser, type BrowserContextOptions, type Page, chromium as playwright } from 'playwright-core'

const ARGS = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run']

/** Starts Chromium, without a window. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = await chromium.executablePath()
  return playwright.launch({ executablePath, args: ARGS, headless: true })
}

/** A page and everything that its console and network complained about. */
export type Watched = { readonly page: Page; readonly complaints: readonly string[]; close(): Promise<void> }

/** Opens a page of its own context (fresh storage) and watches it. `expected` are complaints that belong to the test. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions & { readonly expected?: RegExp } = {},
): Promise<Watched> {
  const { expected, ...rest } = options
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...rest })
  const page = await context.newPage()
  const complaints: string[] = []
  const complain = (text: string) => {
    if (!expected?.test(text)) complaints.push(text)
  }
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complain(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complain(`thrown: ${error.message}`))
  await page.goto(url)
  return { page, complaints, close: () => context.close() }
}
