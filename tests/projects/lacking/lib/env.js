if (!process.env.WEATHER_API_KEY) throw new Error('WEATHER_API_KEY environment variable is required')
export const weatherKey = process.env.WEATHER_API_KEY
export const slack = process.env.SLACK_TOKEN
