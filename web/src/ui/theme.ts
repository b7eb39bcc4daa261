/** Dark or light: as the system says, until somebody switches. */

const KEY = 'breakwater-theme'

/** Puts the theme on the page that was chosen last, if one was. */
export function applyTheme(): void {
  const chosen = read()
  if (chosen) document.documentElement.dataset['theme'] = chosen
}

/** Switches to the other one and remembers it. */
export function toggleTheme(): void {
  const light = matchMedia('(prefers-color-scheme: light)').matches
  const present = document.documentElement.dataset['theme'] ?? (light ? 'light' : 'dark')
  const next = present === 'dark' ? 'light' : 'dark'
  document.documentElement.dataset['theme'] = next
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // Storage is off: the choice lasts as long as the page.
  }
}

function read(): 'dark' | 'light' | undefined {
  try {
    const value = localStorage.getItem(KEY)
    return value === 'dark' || value === 'light' ? value : undefined
  } catch {
    return undefined
  }
}
