// Shows an OpenAPI document with Swagger UI, the project's or that of the management API, light or dark as the system is.
const dark = matchMedia('(prefers-color-scheme: dark)')
const dress = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', dress)
dress()

const isOwn = new URLSearchParams(location.search).get('of') === 'management'
const url = isOwn ? '/__motia/management.json' : '/__motia/openapi.json'
document.querySelector(`nav [data-shows="${url}"]`).setAttribute('aria-current', 'page')

SwaggerUIBundle({
  url,
  dom_id: '#api',
  deepLinking: true, // each operation has an address
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null, // no request leaves this machine
  onComplete: () => {
    const title = document.querySelector('.info .title')?.firstChild?.textContent
    if (title) document.title = `${title} · API`
  },
})
