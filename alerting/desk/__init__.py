"""Takes what the rules find, what is due and what people do, in one transaction at a time, and writes whom to tell."""
