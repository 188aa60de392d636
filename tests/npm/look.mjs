// Opens the API page of a core in headless Chromium, light and dark, wide and narrow, and tries a request out.
// Arguments: Chromium's path, the core's URL, a folder for pictures. Prints what was seen as JSON.
import { chromium } from 'playwright-core'

const [executablePath, url, folder] = process.argv.slice(2)
const views = [
  { name: 'wide-light', width: 1400, height: 1000, colorScheme: 'light' },
  { name: 'wide-dark', width: 1400, height: 1000, colorScheme: 'dark' },
  { name: 'narrow-light', width: 390, height: 844, colorScheme: 'light' },
  { name: 'narrow-dark', width: 390, height: 844, colorScheme: 'dark' },
]

async function look(browser, { name, width, height, colorScheme }) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme })
  const said = []
  const asked = []
  page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => said.push(`thrown: ${error.message}`))
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(`${url}/__motia/docs`)
  await page.waitForSelector('.opblock')
  const operations = await page.locator('.opblock-summary-path').allTextContents()
  await page.screenshot({ path: `${folder}/${name}.png` })
  await page.locator('#operations-books-listBooks .opblock-summary').click()
  await page.locator('#operations-books-listBooks .execute').click()
  const status = page.locator('#operations-books-listBooks .live-responses-table .response-col_status').nth(1)
  await status.waitFor()
  const answered = (await status.textContent()).trim()
  await page.locator('#operations-books-addBook .opblock-summary').click()
  await page.locator('#operations-books-addBook textarea').waitFor()
  await page.screenshot({ path: `${folder}/${name}-open.png`, fullPage: true })
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  const title = await page.title()
  await page.close()
  return { name, title, operations, answered, background, overflow, said, asked }
}

/** The page's other description: the management API's. */
async function lookAtManagement(browser) {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } })
  const said = []
  page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => said.push(`thrown: ${error.message}`))
  await page.goto(`${url}/__motia/docs`)
  const chosen = () => page.locator('nav [aria-current]').textContent()
  const before = await chosen()
  await page.getByRole('link', { name: 'Management API', exact: true }).click()
  await page.waitForSelector('.opblock')
  const paths = await page.locator('.opblock-summary-path').allTextContents()
  await page.screenshot({ path: `${folder}/management.png` })
  const title = await page.title()
  const after = await chosen()
  await page.close()
  return { chosen: [before, after], title, paths, said }
}

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  const seen = []
  for (const view of views) seen.push(await look(browser, view))
  console.log(JSON.stringify({ project: seen, management: await lookAtManagement(browser) }))
} finally {
  await browser.close()
}
