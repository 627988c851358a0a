def name(note): return note
