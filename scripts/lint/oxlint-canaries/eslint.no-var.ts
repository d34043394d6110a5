export var old = 1
