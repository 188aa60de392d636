throw new Error('wire: broken')
