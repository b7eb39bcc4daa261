/** The heat's one-hue scale in dollars: logarithmic, the same steps as every other heat of the terminal. */
import { createSignal, onCleanup } from 'solid-js'

/** Decades between the faintest and the strongest colour. */
const DECADES = 1.8
const STEPS = 6

/** Where dollars stand on the scale, 0 to 1; less than `least` has no colour. */
export function heatScale(largest: number): {
  readonly least: number
  readonly at: (usd: number) => number
  readonly usdAt: (part: number) => number
} {
  const most = Math.max(largest, 1)
  const least = most / 10 ** DECADES
  return {
    least,
    at: (usd) => Math.min(1, Math.max(0, Math.log10(usd / least) / DECADES)),
    usdAt: (part) => least * 10 ** (DECADES * part),
  }
}

/** 256 colours of the present theme, four bytes each; follows the theme. */
export function heatColours(): () => Uint8ClampedArray {
  const [ramp, setRamp] = createSignal(readRamp())
  const again = () => setRamp(readRamp())
  const watch = new MutationObserver(again)
  watch.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  const media = matchMedia('(prefers-color-scheme: light)')
  media.addEventListener('change', again)
  onCleanup(() => {
    watch.disconnect()
    media.removeEventListener('change', again)
  })
  return ramp
}

function readRamp(): Uint8ClampedArray {
  const style = getComputedStyle(document.documentElement)
  const stops = Array.from({ length: STEPS }, (_, at) => style.getPropertyValue(`--level-${at}`).trim()).map(rgbOf)
  const ramp = new Uint8ClampedArray(256 * 4)
  for (let step = 0; step < 256; step++) {
    const place = (step / 255) * (STEPS - 1)
    const [low, part] = [Math.min(STEPS - 2, Math.floor(place)), place - Math.min(STEPS - 2, Math.floor(place))]
    for (let channel = 0; channel < 3; channel++) {
      const [a, b] = [stops[low]?.[channel] ?? 0, stops[low + 1]?.[channel] ?? 0]
      ramp[step * 4 + channel] = a + (b - a) * part
    }
    ramp[step * 4 + 3] = 255
  }
  return ramp
}

function rgbOf(hex: string): readonly number[] {
  const digits = hex.replace('#', '')
  return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16) || 0)
}
