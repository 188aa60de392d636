import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiError, get } from './api'
import { App, PAGES } from './app'
import { parse } from './route'
import { restoreTheme } from './theme'
import './theme.css'

restoreTheme()
const isOurs = (error: Error) => error instanceof ApiError && error.status < 500
const client = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 2000, refetchOnWindowFocus: true, retry: (count, error) => count < 2 && !isOurs(error) },
  },
})
const { page } = parse(location.hash)
void PAGES.find(({ name }) => name === page)?.load()
if (page === 'flows') void client.prefetchQuery({ queryKey: ['flows'], queryFn: () => get('/flows') }) // beside its code
const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  )
