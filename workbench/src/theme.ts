/** Light or dark: as the system says, unless somebody chose. */

import { useSyncExternalStore } from 'react'

const KEY = 'motia-theme'
const system = () => matchMedia('(prefers-color-scheme: dark)')
const hearers = new Set<() => void>()

export function isDark(): boolean {
  const chosen = document.documentElement.dataset.theme
  return chosen ? chosen === 'dark' : system().matches
}

export function restoreTheme(): void {
  const chosen = localStorage.getItem(KEY)
  if (chosen) document.documentElement.dataset.theme = chosen
}

export function toggleTheme(): void {
  const next = isDark() ? 'light' : 'dark'
  document.documentElement.dataset.theme = next
  localStorage.setItem(KEY, next)
  for (const hearer of hearers) hearer()
}

function subscribe(hearer: () => void): () => void {
  const query = system()
  hearers.add(hearer)
  query.addEventListener('change', hearer)
  return () => {
    hearers.delete(hearer)
    query.removeEventListener('change', hearer)
  }
}

/** For what is not drawn with the variables of the style sheet alone. */
export const useDark = (): boolean => useSyncExternalStore(subscribe, isDark)
