// Takes the pictures of the workbench that the documents show: starts examples/order-pipeline, and for its streams
// examples/live-board, with fresh stores, gives them something to do, and looks at every page, wide and narrow, light and
// dark. Writes docs/screenshots/*.webp.
// Arguments: a folder for the same pictures as PNG, which most viewers can show (optional).
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = join(root, 'docs/screenshots')
const [asPng] = process.argv.slice(2)
const VIEWS = [
  ['wide', 1440, 900],
  ['narrow', 390, 844],
]
const QUALITY = 80
const ORDER = JSON.stringify({ customer: 'Ada', items: [{ product: 'coffee', quantity: 2 }] }, null, 2)

function started(place, example) {
  const project = join(place, example)
  cpSync(join(root, 'examples', example), project, { recursive: true })
  const args = ['serve', project, '--port', '0', '--data-dir', join(place, `${example}-data`), '--log-format', 'json']
  const core = spawn(join(root, '.venv/bin/motia-core'), args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ready = new Promise((resolve, reject) => {
    createInterface({ input: core.stdout }).on('line', (line) => {
      const record = JSON.parse(line)
      if (record.event === 'ready') resolve(record.urls[0])
    })
    core.on('exit', (code) => reject(new Error(`the core ended: ${code}`)))
  })
  return { core, ready }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const post = (url, body) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

/** Notes on two boards. */
async function notes(base) {
  const said = ['Prices of tea are missing', 'Ask the courier for Saturdays', 'Cake sells best before noon', 'Write to Ada']
  const set = (group, id, data) => post(`${base}/__motia/stream-items`, { stream: 'notes', group, id, data })
  for (const [n, text] of said.entries()) {
    const note = { text, color: ['yellow', 'pink', 'blue', 'green'][n], x: (2 * n + 1) / 10, y: 0.3, author: ['Grace', 'Alan'][n % 2] }
    await set(n < 3 ? 'main' : 'retro', `note-${n + 1}`, note)
  }
}

/** Orders, some of which are no orders, and one that nobody has made: it ends as a dead letter. */
async function traffic(base) {
  const nobodys = () =>
    post(`${base}/__motia/emit`, {
      topic: 'order.received',
      data: { id: '7b1e04c2', customer: 'Grace', items: [{ product: 'tea', quantity: 1 }] },
    })
  const names = ['Ada', 'Alan', 'Barbara', 'Edsger', 'Grace', 'Katherine', 'Margaret', 'Niklaus']
  const products = ['coffee', 'tea', 'cake', 'honey']
  let run = ''
  for (let n = 0; n < 46; n++) {
    const items = [0, 1].map((k) => ({ product: products[(n + k * 3) % 4], quantity: 1 + ((n * 7 + k) % 3) }))
    const answer = await post(`${base}/orders`, { customer: names[n % names.length], items })
    const { id, traceId } = await answer.json()
    run = traceId
    if (n === 41) await nobodys()
    if (n % 6 === 0) await post(`${base}/orders`, { customer: '', items: [] })
    if (n % 4 === 0) await fetch(`${base}/insights`)
    if (n % 5 === 0) await fetch(`${base}/orders/${n % 10 === 0 ? id : 'unknown'}`)
    await pause(60)
  }
  for (let tries = 0; tries < 60; tries++) {
    await pause(500)
    const { deadLetters } = await (await fetch(`${base}/__motia/dlq`)).json()
    if (deadLetters.length > 0) return run
  }
  throw new Error('the order that nobody has made was not given up')
}

const PAGES = (run, failed) => [
  ['flows', '#/flows'],
  ['step', '#/flows?step=PriceOrder'],
  ['endpoints', '#/endpoints/CreateOrder'],
  ['runs', '#/runs'],
  ['run', `#/runs/${run}`],
  ['failed-run', `#/runs/${failed}`],
  ['logs', '#/logs'],
  ['state', '#/state?group=insights&key=coffee'],
  ['queues', '#/queues'],
  ['dead-letters', '#/queues?tab=dead'],
  ['cron', '#/cron'],
  ['sidecars', '#/sidecars'],
  ['streams', '#/streams/notes?group=main'],
]

async function picture(page, name) {
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY })
  writeFileSync(join(folder, `${name}.webp`), Buffer.from(data, 'base64'))
  if (asPng) await page.screenshot({ path: join(asPng, `${name}.png`) })
}

async function look(base, board, run, failed) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
  for (const [view, width, height] of VIEWS)
    for (const colorScheme of ['light', 'dark']) {
      const page = await (await browser.newContext({ viewport: { width, height }, colorScheme })).newPage()
      for (const [name, hash] of PAGES(run, failed)) {
        await page.goto(`${name === 'streams' ? board : base}/__motia/workbench/${hash}`)
        await page.locator('.page').waitFor()
        if (name === 'endpoints') {
          const body = page.getByRole('textbox', { name: 'body of the request' })
          await body.click()
          await page.keyboard.press('Control+A')
          await page.keyboard.insertText(ORDER)
          await page.getByRole('button', { name: 'Send', exact: true }).click()
          await page.getByText('its run').waitFor()
        }
        await pause(900) // for what is loaded when the page is shown
        await picture(page, `${name}-${view}-${colorScheme}`)
      }
      await page.context().close()
    }
  await browser.close()
}

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
if (asPng) mkdirSync(asPng, { recursive: true })
const place = mkdtempSync(join(tmpdir(), 'motia-'))
const cores = ['order-pipeline', 'live-board'].map((example) => started(place, example))
try {
  const [base, board] = await Promise.all(cores.map(({ ready }) => ready))
  await notes(board)
  const run = await traffic(base)
  const { runs } = await (await fetch(`${base}/__motia/runs?status=failed&trigger=event&limit=1`)).json()
  await look(base, board, run, runs[0].traceId)
} finally {
  const ended = cores.map(({ core }) => {
    core.removeAllListeners('exit')
    return new Promise((resolve) => core.on('exit', resolve))
  })
  for (const { core } of cores) core.kill()
  await Promise.all(ended)
  rmSync(place, { recursive: true, force: true })
}
