console.log('printed by no logger')
