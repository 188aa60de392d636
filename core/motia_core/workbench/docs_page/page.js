// Shows the OpenAPI document with Swagger UI, light or dark as the system is.
const dark = matchMedia('(prefers-color-scheme: dark)')
const dress = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', dress)
dress()

SwaggerUIBundle({
  url: '/__motia/openapi.json',
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
