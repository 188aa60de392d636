throw new Error('the key of the bank is missing')
