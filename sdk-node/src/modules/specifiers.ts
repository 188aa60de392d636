/** Which imports of a project are answered by this SDK, whatever is installed. */

const DIST = new URL('../', import.meta.url)

/** The URL that stands in for a specifier, or undefined when it is not one of ours. */
export function ownModule(specifier: string): string | undefined {
  if (specifier === 'motia' || specifier === '@motiadev/core') return new URL('index.js', DIST).href
  if (specifier.startsWith('motia/') || specifier.startsWith('@motiadev/')) {
    return new URL('shims/stand-in.cjs', DIST).href
  }
  return undefined
}
