export const GREETING = 'Welcome to the hotel'
