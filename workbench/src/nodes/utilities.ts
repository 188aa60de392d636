/** Tailwind's utility classes for components of the project, and for them only: made from the classes that their code names. */

import { createGenerator, type UnoGenerator } from '@unocss/core'
import { presetWind3 } from '@unocss/preset-wind3'

/** The names that 0.x had for its colours, as ours. */
const colors = {
  background: 'var(--surface)',
  foreground: 'var(--ink)',
  card: { DEFAULT: 'var(--surface)', foreground: 'var(--ink)' },
  popover: { DEFAULT: 'var(--surface)', foreground: 'var(--ink)' },
  muted: { DEFAULT: 'var(--sunken)', foreground: 'var(--soft)' },
  primary: { DEFAULT: 'var(--accent)', foreground: 'var(--surface)' },
  secondary: { DEFAULT: 'var(--sunken)', foreground: 'var(--ink)' },
  accent: { DEFAULT: 'var(--accent-soft)', foreground: 'var(--accent)' },
  destructive: { DEFAULT: 'var(--bad)', foreground: 'var(--surface)' },
  border: 'var(--line)',
  input: 'var(--line)',
  ring: 'var(--accent)',
}

const tokens = new Set<string>()
let generator: Promise<UnoGenerator<object>> | undefined
let sheet: HTMLStyleElement | undefined

/** Adds the rules for the classes that this code names. */
export async function dress(code: string): Promise<void> {
  // `dark:` follows the graph, which has a class for it
  generator ??= createGenerator({ presets: [presetWind3({ dark: { dark: '.react-flow.dark' } })], theme: { colors } })
  const uno = await generator
  for (const token of await uno.applyExtractors(code)) tokens.add(token)
  const { css } = await uno.generate(tokens, { scope: '.component', minify: true })
  if (!sheet) {
    sheet = document.createElement('style')
    document.head.append(sheet)
  }
  sheet.textContent = css
}
