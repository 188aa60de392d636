// Walks through the workbench of a core as a person does. Arguments: the core's URL, a folder for pictures, and names of
// walks or pages when only these are wanted. Prints what was
// found as JSON: what reached outside, errors in the console, serious accessibility problems, and what each walk saw.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const [base, pictures, ...only] = process.argv.slice(2)
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
mkdirSync(pictures, { recursive: true })
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
const found = { outside: [], errors: [], unfit: [], walks: {}, loadedMs: 0 }

async function opened(width, height, colorScheme, bypassCSP = true) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    permissions: ['clipboard-read', 'clipboard-write'],
    bypassCSP, // axe is put into the page; what the page itself may do is tested without a browser
  })
  const page = await context.newPage()
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(base) && !url.startsWith('data:') && !url.startsWith('blob:')) found.outside.push(url)
  })
  // A refusal that a walk provokes is an error of the network for the browser, and not one of the page. One of the
  // project's node components throws.
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (404|409|422|500)|has no Paper here|there is no cellar|net::ERR_FAILED/.test(message.text())) found.errors.push(message.text())
  })
  page.on('pageerror', (error) => found.errors.push(String(error)))
  return page
}

const page = await opened(1440, 900, 'light')
page.setDefaultTimeout(10_000)
const go = async (hash) => {
  await page.goto(`${base}/__motia/workbench/${hash}`)
  await page.locator('.page').waitFor()
}
const shows = (text) => page.getByText(text, { exact: false }).first().waitFor()
const press = (name) => page.getByRole('button', { name, exact: true }).first().click()
const clipboard = () => page.evaluate(() => navigator.clipboard.readText())

async function type(label, text) {
  const editor = page.getByRole('textbox', { name: label, exact: true })
  await editor.click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(text)
}

const give = (path, body) =>
  fetch(`${base}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
const ask = async (path) => (await fetch(`${base}/__motia${path}`)).json()
/** A dead letter of Confirm, when it has come. */
async function givenUp(id) {
  await give('/__motia/emit', { topic: 'booking.made', data: { id, guest: 'Nobody' } })
  for (let tries = 0; tries < 100; tries++) {
    const { deadLetters } = await ask('/dlq?step=Confirm&limit=100')
    for (const { id: number } of deadLetters) {
      const whole = await ask(`/dlq/${number}`)
      if (whole.data.id === id) return number
    }
    await page.waitForTimeout(100)
  }
  throw new Error(`${id} was not given up`)
}

const walks = {
  async root() {
    const began = Date.now()
    await page.goto(`${base}/`)
    await page.locator('.react-flow__node').first().waitFor()
    found.loadedMs = Date.now() - began
    return new URL(page.url()).pathname
  },
  async endpoints() {
    await go('#/endpoints')
    await page.getByLabel('id', { exact: true }).fill('b1')
    await page.getByLabel('nights').fill('2') // the form that is made from the schema
    await page.getByLabel('guest').fill('Ada')
    await page.getByRole('tab', { name: 'JSON' }).click()
    await page.locator('.cm-content', { hasText: '"nights": 2' }).waitFor()
    await press('Send')
    await shows('201')
    await press('Send again')
    await page.locator('tr', { hasText: '/bookings/b1' }).nth(1).waitFor()
    await press('Copy as curl')
    const curl = await clipboard()
    await page.getByRole('link', { name: 'its run' }).click()
    await shows('booking.made')
    return curl
  },
  async run() {
    await page.getByRole('button', { name: /Confirm/ }).click()
    await shows('stream.set')
    await page.getByRole('button', { name: /Count/ }).first().waitFor()
    const names = await page.locator('.waterfall button').count()
    await page.getByRole('button', { name: /^Book/ }).click()
    const tests = {}
    for (const kind of ['pytest', 'vitest']) {
      const before = await clipboard()
      await page.getByRole('combobox', { name: 'copy as a test' }).selectOption(kind)
      await shows('the test is copied')
      do tests[kind] = await clipboard()
      while (tests[kind] === before)
    }
    await press('Run again')
    await type('input', '{"guest": "Nobody"}')
    await press('Run Book again')
    await shows('runs again')
    await shows('failed')
    await page.getByRole('button', { name: /Confirm attempt 2/ }).click()
    await shows('there is no guest')
    await shows('confirm_step.py')
    await page.getByRole('link', { name: 'dead letter' }).click()
    await page.getByRole('textbox', { name: 'data of the dead letter' }).waitFor()
    await page.goBack()
    return { names, tests }
  },
  async compare() {
    const id = await page.locator('.bar .mono').first().textContent()
    await page.getByRole('combobox', { name: 'compare with' }).selectOption({ index: 1 })
    await shows('what is different')
    await page.locator('pre .added, pre .removed').first().waitFor()
    return Boolean(id)
  },
  async runs() {
    await go('#/runs?status=failed')
    await shows('there is no guest')
    const failed = await page.locator('.line').count()
    await page.getByRole('searchbox').fill('nothing is called this')
    await shows('No run is like that')
    await press('Show all runs')
    await page.locator('.line').first().waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('l')
    await page.getByRole('heading', { name: 'Logs' }).waitFor()
    return failed
  },
  async logs() {
    await go('#/logs')
    await fetch(`${base}/bookings/live`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"guest":"Live"}',
    })
    await page.locator('.line', { hasText: 'booked' }).first().click()
    await shows('"id":')
    await page.getByRole('button', { name: 'Only this step' }).click()
    return new URL(page.url()).hash.includes('step=Book')
  },
  async state() {
    await go('#/state?group=bookings&key=b1')
    await shows('"guest"')
    await page.getByRole('heading', { name: 'History' }).waitFor()
    await page.locator('summary', { hasText: 'Book' }).first().waitFor()
    await type('value of b1', '{"guest": "Grace", "nights": 3}')
    await press('Save')
    await shows('b1 is saved')
    await page.locator('summary', { hasText: 'by hand' }).first().waitFor()
    const stored = await (await fetch(`${base}/__motia/state/values?group=bookings`)).json()
    await press('Add')
    await page.getByLabel('Key', { exact: true }).fill('added')
    await type('value of added', '{"guest": "Added"}')
    await press('Save')
    await page.locator('.line', { hasText: 'added' }).waitFor()
    await page.getByRole('checkbox', { name: 'mark live' }).check()
    await press('Remove 1')
    await press('Remove them')
    await shows('1 removed')
    return stored.items.find(({ key }) => key === 'b1').value
  },
  async conflict() {
    await go('#/state?group=bookings&key=b1')
    await shows('Grace')
    await type('value of b1', '{"guest": "Late"}')
    await fetch(`${base}/__motia/state/set`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"group":"bookings","key":"b1","value":{"guest":"Somebody else"}}',
    })
    await page.waitForTimeout(1000) // the page has heard of it: what is typed stays, and began before it
    await press('Save')
    await shows('changed by somebody else')
    await page.locator('summary', { hasText: 'by hand' }).nth(1).waitFor() // read again, and saved now
    await press('Save')
    await shows('b1 is saved')
    return (await ask('/state/values?group=bookings&prefix=b1')).items[0].value
  },
  async streams() {
    await go('#/streams/rooms?group=all')
    await page.locator('.line', { hasText: 'b1' }).waitFor()
    await fetch(`${base}/__motia/stream-items`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"stream":"rooms","group":"all","id":"seen","data":{"guest":"Live"}}',
    })
    await page.locator('.line', { hasText: 'seen' }).click()
    await press('Remove')
    await page.locator('.line', { hasText: 'seen' }).waitFor({ state: 'detached' })
    await page.getByLabel('id of the new item').fill('made')
    await type('item', '{"guest": "Made"}')
    await press('Add')
    await page.locator('.line', { hasText: 'Made' }).click()
    await type('item', '{"guest": "Changed"}')
    await press('Save')
    await page.locator('.line', { hasText: 'Changed' }).waitFor()
    return true
  },
  async queues() {
    await go('#/queues')
    await page.locator('.line', { has: page.getByText('Confirm', { exact: true }) }).click()
    await page.getByRole('link', { name: 'dead letters' }).click()
    await page.locator('.line', { hasText: 'there is no guest' }).first().click()
    await type('data of the dead letter', '{"id": "saved", "guest": "Ada"}')
    await press('Bring back with this data')
    await shows('Nothing was given up')
    await go('#/queues?step=Confirm')
    await press('Pause')
    await shows('Confirm is paused')
    await page.locator('.line', { has: page.getByText('paused', { exact: true }) }).waitFor()
    await press('Resume')
    await shows('Confirm goes on')
    const one = await givenUp('one')
    await go(`#/queues?tab=dead&id=${one}`)
    await press('Discard')
    await shows('It is discarded')
    await givenUp('two')
    await givenUp('three')
    await go('#/queues?tab=dead&step=Confirm')
    await press('Bring all back')
    await press('Bring them back')
    await shows('2 brought back')
    for (let tries = 0; tries < 100 && (await ask('/dlq?step=Confirm')).deadLetters.length < 2; tries++) await page.waitForTimeout(100)
    await page.locator('.line').nth(1).waitFor() // they have failed again
    await press('Discard all')
    await press('Discard them')
    await shows('2 discarded')
    await shows('Nothing was given up')
    return (await ask('/dlq?step=Confirm')).deadLetters.length
  },
  async cron() {
    await go('#/cron')
    await shows('every day at 03:00')
    await press('Pause')
    await page.locator('.line', { hasText: 'paused' }).waitFor()
    await press('Resume')
    await page.locator('.line', { hasText: 'paused' }).waitFor({ state: 'detached' })
    await press('Run now')
    await shows('state.set')
    return true
  },
  async flows() {
    await go('#/flows')
    await page.getByRole('group', { name: 'event step Confirm' }).click()
    await page.getByRole('tab', { name: 'Source' }).click()
    await page.locator('.cm-content', { hasText: 'there is no guest' }).waitFor()
    await page.getByRole('tab', { name: 'Run' }).click()
    await page.getByRole('tab', { name: 'JSON' }).click()
    await type('data of the event', '{"id": "again", "guest": "Ada"}')
    await press('Emit')
    await page.waitForURL(/#\/runs\//)
    await shows('booking.made')
    await go('#/flows')
    await press('Copy as Mermaid')
    await shows('the Mermaid text is copied')
    const mermaid = await clipboard()
    const node = page.locator('.react-flow__node', { hasText: 'Nightly' })
    const box = await node.boundingBox()
    await page.mouse.move(box.x + 40, box.y + 12)
    await page.mouse.down()
    await page.mouse.move(box.x + 140, box.y + 90, { steps: 5 })
    await page.mouse.up()
    await page.waitForResponse((response) => response.url().includes('/config'))
    const saved = page.waitForEvent('download')
    await press('Save as SVG')
    const image = readFileSync(await (await saved).path(), 'utf8')
    await page.reload()
    const { x } = await node.boundingBox() // it stands where it was put, below what it is joined with or not
    return { mermaid: mermaid.split('\n')[0], svg: ['<svg', 'Nightly', 'booking.made'].every((text) => image.includes(text)), isKept: x > 0 }
  },
  async components() {
    await go('#/flows')
    const greeting = page.getByTestId('greeting')
    await greeting.waitFor()
    const colour = await greeting.evaluate((element) => getComputedStyle(element).backgroundColor)
    await press('Greeted 0 times')
    await press('Greeted 1 times')
    await shows('Greeted 2 times')
    await shows('Reception:')
    await shows('steps/letter.step.tsx: @motiadev/ui has no Paper here')
    await shows('is icons-of-nobody installed?')
    await page.getByRole('group', { name: 'event step Count' }).getByText('booking.confirmed').waitFor()
    const strict = await opened(1440, 900, 'light', false) // as browsers of users are
    await strict.goto(`${base}/__motia/workbench/#/flows`)
    await strict.getByTestId('greeting').waitFor()
    await strict.context().close()
    return { colour, isOpen: page.url().includes('step='), drawn: await page.locator('.component').count() }
  },
  async tab() {
    await go('#/runs')
    await page.getByRole('link', { name: 'Rooms' }).click()
    await shows('3 rooms of 2 floors')
    const padding = await page.getByTestId('rooms').evaluate((element) => getComputedStyle(element).paddingTop)
    await page.getByRole('link', { name: 'Cellar' }).click()
    await shows('The tab Cellar cannot be shown')
    await shows('there is no cellar')
    await page.keyboard.press('Control+k')
    await page.getByRole('textbox', { name: 'page, step or run' }).fill('rooms')
    await page.keyboard.press('Enter')
    await shows('3 rooms of 2 floors')
    return padding
  },
  async edges() {
    await go('#/flows')
    const label = page.locator('.topic-label', { hasText: 'booking.made' })
    const count = async () => Number((await label.locator('b').first().textContent()).replace(',', ''))
    await label.locator('b.bad').waitFor()
    const before = await count()
    for (const room of ['live1', 'live2', 'live3'])
      await fetch(`${base}/bookings/${room}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"guest":"Ada"}',
      })
    for (let tries = 0; tries < 40 && (await count()) < before + 3; tries++) await page.waitForTimeout(100)
    return { isLive: (await count()) >= before + 3, edges: await page.locator('.react-flow__edge').count() }
  },
  async sidecars() {
    await go('#/sidecars')
    await shows('python')
    await shows('the key of the bank is missing')
    const row = page.locator('tbody tr', { hasText: 'python' })
    const before = await row.first().textContent()
    await row.getByRole('button', { name: 'Restart' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click()
    await shows('1 replaced')
    await page.waitForFunction((text) => ![...document.querySelectorAll('tbody tr')].some((one) => one.textContent === text), before)
    return page.locator('tbody tr').count()
  },
  async crowds() {
    await give('/noise', {})
    await go('#/state?group=crowd')
    await page.locator('.line', { hasText: 'k0000' }).waitFor()
    const list = page.getByRole('list', { name: 'keys of crowd' })
    const before = await list.locator('.line').count()
    const pane = page.locator('.pane:has(> ul[aria-label="keys of crowd"])')
    for (let tries = 0; tries < 60 && !(await list.getByText('k2999').count()); tries++) {
      await pane.evaluate((element) => element.scrollTo(0, element.scrollHeight))
      await page.waitForTimeout(100)
    }
    await list.getByText('k2999').waitFor()
    const after = await list.locator('.line').count()
    await go('#/state?group=crowd&key=k2500') // a link to what is far down
    await page.locator('.cm-content', { hasText: '2500' }).waitFor()
    await go('#/logs?step=Noise')
    await shows('line k2')
    return { isBounded: before < 80 && after < 80, logs: (await page.locator('.line').count()) < 80 }
  },
  async keyboard() {
    await go('#/flows')
    await page.locator('.react-flow__node').first().waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor()
    await page.locator('.line').nth(2).waitFor()
    await page.keyboard.press('/')
    await Promise.all([page.waitForResponse((response) => response.url().includes('text=Book&')), page.keyboard.type('Book')])
    await page.waitForTimeout(300) // for the list to be the one that was found
    await page.keyboard.press('Tab')
    await page.evaluate(() => document.activeElement.blur())
    await page.keyboard.press('j')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(/#\/runs\/./)
    await page.locator('.waterfall button').first().waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'keys' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('g')
    await page.keyboard.press('q')
    await page.locator('.line').first().waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'close' }).waitFor()
    await page.evaluate(() => document.activeElement.blur())
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'close' }).waitFor({ state: 'detached' })
    await go('#/flows')
    const node = page.getByRole('group', { name: 'event step Count' })
    await node.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Count' }).waitFor()
    return true
  },
  async away() {
    await go('#/runs')
    await page.locator('.line').first().waitFor()
    await page.route('**/__motia/feed', (route) => route.abort())
    await page.reload()
    await shows('The core does not answer')
    await page.unroute('**/__motia/feed')
    await page.getByText('The core does not answer').waitFor({ state: 'detached' })
    return true
  },
  async theme() {
    await go('#/runs')
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await ground()
    await page.getByRole('button', { name: 'Light or dark' }).click()
    await page.reload()
    const dark = await ground()
    await page.getByRole('button', { name: 'Light or dark' }).click()
    return light !== dark
  },
  async palette() {
    await go('#/runs')
    await page.keyboard.press('Control+k')
    await page.getByRole('textbox', { name: 'page, step or run' }).fill('confirm')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Confirm' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('heading', { name: 'Confirm' }).waitFor({ state: 'detached' })
    return new URL(page.url()).hash
  },
}

const isAsked = (name) => only.length === 0 || only.includes(name)
for (const [name, walk] of Object.entries(walks)) {
  if (!isAsked(name)) continue
  try {
    found.walks[name] = await walk()
  } catch (error) {
    found.walks[name] = `FAILED: ${String(error).split('\n').slice(0, 3).join(' ')}`
    await page.screenshot({ path: `${pictures}/failed-${name}.png` })
  }
}

const [of = 'NOPE1-1234567', other = ''] = (await ask('/runs?limit=2&step=Book')).runs.map(({ traceId }) => traceId)
const PAGES = [
  ...['flows', 'flows?step=Confirm', 'endpoints', 'endpoints/Book', 'runs', `runs/${of}`, `runs/${of}?with=${other}`, 'runs/NOPE1-1234567'],
  ...['logs', 'state', 'state?group=bookings&key=b1', 'streams/rooms', 'streams/rooms?group=all', 'queues', 'queues?step=Confirm'],
  ...['queues?tab=dead', 'cron', 'sidecars'],
]
const DIALOGS = { keys: '?', palette: 'Control+k' }
async function fit(seen, where) {
  await seen.addScriptTag({ path: axe })
  const { violations } = await seen.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  for (const { id, impact, nodes } of violations)
    if (impact === 'serious' || impact === 'critical')
      found.unfit.push(`${where}: ${id}: ${nodes.map(({ target }) => target).slice(0, 3).join(', ')}`)
  const over = await seen.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  if (over > 0) found.unfit.push(`${where}: ${over} pixels wider than the screen`)
}
for (const [name, width, height] of [['wide', 1440, 900], ['narrow', 390, 844]])
  for (const scheme of ['light', 'dark']) {
    const seen = await opened(width, height, scheme)
    for (const hash of PAGES.filter(isAsked)) {
      await seen.goto(`${base}/__motia/workbench/#/${hash}`)
      await seen.locator('.page').waitFor()
      await seen.waitForTimeout(400) // for what is loaded when the page is shown
      await seen.screenshot({ path: `${pictures}/${hash.replaceAll(/\W+/g, '-')}-${name}-${scheme}.png` })
      await fit(seen, `${hash} ${name} ${scheme}`)
    }
    for (const [dialog, key] of Object.entries(DIALOGS)) {
      await seen.keyboard.press(key)
      await seen.getByRole('dialog').waitFor()
      await fit(seen, `${dialog} ${name} ${scheme}`)
      await seen.keyboard.press('Escape')
      await seen.getByRole('dialog').waitFor({ state: 'detached' })
    }
    await seen.context().close()
  }
await browser.close()
console.log(JSON.stringify(found))
