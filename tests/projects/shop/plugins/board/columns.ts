export const columns = ['open', 'done']
