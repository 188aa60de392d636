// How long the workbench takes from the start of the navigation to the painted graph of a flow, with nothing in the cache.
// Arguments: the core's URL, how often. Prints as JSON the milliseconds, the bytes that were transferred, the project's steps.
import { chromium } from 'playwright-core'

const [base, times] = process.argv.slice(2)
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
const took = []
let transferred = 0
for (let n = 0; n < Number(times); n++) {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
  // the page itself notes when all nodes and edges of the flow are there and a frame has been painted after that
  await page.addInitScript(() => {
    const look = () => {
      const nodes = [...document.querySelectorAll('.react-flow__node')]
      const areShown = nodes.length > 0 && nodes.every((node) => getComputedStyle(node).visibility === 'visible')
      if (areShown && document.querySelector('.react-flow__edge'))
        requestAnimationFrame(() => setTimeout(() => (globalThis.paintedMs = performance.now())))
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
  await page.goto(`${base}/__motia/workbench/`)
  await page.waitForFunction(() => globalThis.paintedMs !== undefined)
  took.push(Math.round(await page.evaluate(() => globalThis.paintedMs)))
  transferred = await page.evaluate(() =>
    performance.getEntriesByType('resource').reduce((sum, entry) => sum + entry.transferSize, 0),
  )
  await page.context().close()
}
await browser.close()
const { steps } = await (await fetch(`${base}/__motia/steps`)).json()
console.log(JSON.stringify({ steps: steps.length, took, transferred }))
