throw new Error('a test is not a step')
