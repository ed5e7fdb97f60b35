# ui: the screen
