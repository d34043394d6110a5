export const isNamed = (text: string): boolean => JSON.parse(text).name === 'tenantry'
