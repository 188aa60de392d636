/** `__dirname`, `__filename` and `require` for ES modules that use them, as projects of 0.x do. */

const SHIMS: Record<string, string> = {
  __filename: `const __filename = (await import('node:url')).fileURLToPath(import.meta.url.split('?')[0]);`,
  __dirname: `const __dirname = (await import('node:path')).dirname((await import('node:url')).fileURLToPath(import.meta.url.split('?')[0]));`,
  require: `const require = (await import('node:module')).createRequire(import.meta.url.split('?')[0]);`,
}

/** The module's source with the names that it uses but does not define, on its first line so that lines stay true. */
export function withoutShadowing(source: string): string {
  let head = ''
  for (const [name, shim] of Object.entries(SHIMS)) {
    if (!new RegExp(`(?<![\\w$.'"])${name}(?![\\w$'"])`).test(source)) continue
    if (defines(source, name)) continue
    head += shim
  }
  return head + source
}

function defines(source: string, name: string): boolean {
  const declared = new RegExp(`(?:const|let|var|function|class|import)\\s+${name}\\b`)
  const destructured = new RegExp(`(?:const|let|var|import)\\s*\\{[^}]*\\b${name}\\b[^}]*\\}`)
  return declared.test(source) || destructured.test(source)
}
