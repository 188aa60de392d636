// Two people at the live-board example, in headless Chromium: one in a wide light window, one in a narrow dark one.
// Arguments: Chromium's path, the core's URL, a folder for pictures. Prints what was seen as JSON.
import { chromium } from 'playwright-core'

const [executablePath, url, folder] = process.argv.slice(2)
const said = []
const asked = []

async function open(browser, name, width, height, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme })
  const page = await context.newPage()
  page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => said.push(`thrown: ${error.message}`))
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(`${url}/?name=${name}`)
  await page.waitForSelector('#status[data-status=live]')
  return page
}

async function write(page, text) {
  await page.fill('#text', text)
  await page.click('#write button')
}

const texts = (page) => page.locator('.note > div').allTextContents()
const members = async (page) => (await page.locator('#members li').allTextContents()).sort()

/** Where a note is, as parts of the room that it has. */
const place = (page, text) =>
  page.locator('.note', { hasText: text }).evaluate((note) => {
    const board = note.parentElement
    return {
      x: note.offsetLeft / (board.clientWidth - note.offsetWidth),
      y: note.offsetTop / (board.clientHeight - note.offsetHeight),
    }
  })

const apart = (one, other) => Math.abs(one.x - other.x) >= 0.02 || Math.abs(one.y - other.y) >= 0.02

async function run(browser) {
  const ada = await open(browser, 'Ada', 1300, 850, 'light')
  const grace = await open(browser, 'Grace', 390, 800, 'dark')
  const pages = { Ada: ada, Grace: grace }
  const ofEach = async (look) =>
    Object.fromEntries(await Promise.all(Object.entries(pages).map(async ([name, page]) => [name, await look(page)])))
  await write(ada, 'first')
  await grace.waitForSelector('.note:has-text("first")')
  await write(grace, 'second')
  await ada.waitForSelector('.note:has-text("second")')
  await ada.waitForFunction(() => document.querySelectorAll('#members li').length === 2)
  const notes = await ofEach(texts)
  const here = await ofEach(members)

  const start = await place(ada, 'first')
  const box = await ada.locator('.note', { hasText: 'first' }).boundingBox()
  await ada.mouse.move(box.x + 30, box.y + 15)
  await ada.mouse.down()
  await ada.mouse.move(200, 200, { steps: 5 })
  await ada.mouse.move(640, 480, { steps: 20 })
  await ada.mouse.up()
  const places = () => Promise.all([ada, grace].map((page) => place(page, 'first')))
  let [dropped, moved] = await places() // in both windows it may still be on its way
  for (const end = Date.now() + 10_000; (apart(moved, dropped) || !apart(dropped, start)) && Date.now() < end; ) {
    await grace.waitForTimeout(50)
    ;[dropped, moved] = await places()
  }

  await grace.fill('#question', 'Where do we start?')
  await grace.click('#ask button')
  await ada.waitForSelector('#answers .writing')
  const lengths = []
  while ((await ada.locator('#answers .writing').count()) > 0) {
    const length = (await ada.locator('#answers').textContent()).length
    if (length !== lengths.at(-1)) lengths.push(length)
    await ada.waitForTimeout(20)
  }
  const answer = await ada.locator('#answers').textContent()
  for (const [name, page] of Object.entries(pages)) await page.screenshot({ path: `${folder}/${name}.png` })
  const overflow = await ofEach((page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth))
  const backgrounds = await ofEach((page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor))

  await grace.context().setOffline(true)
  await grace.evaluate(() => dispatchEvent(new Event('offline')))
  const offline = await texts(grace)
  await write(ada, 'while away')
  await ada.waitForSelector('.note:has-text("while away")')
  await grace.context().setOffline(false)
  await grace.waitForSelector('.note:has-text("while away")')
  const back = await texts(grace)
  await grace.context().close()
  await ada.waitForFunction(() => document.querySelectorAll('#members li').length === 1)
  const alone = await members(ada)
  return { notes, members: here, start, dropped, moved, lengths, answer, overflow, backgrounds, offline, back, alone, said, asked }
}

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  console.log(JSON.stringify(await run(browser)))
} finally {
  await browser.close()
}
