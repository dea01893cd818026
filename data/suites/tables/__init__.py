"""Suites out of tables of any columns: `table:FILE` of CSV, TSV, JSON, JSON lines or text, or a folder of text files.

How each form becomes rows (`delimited`, `json_rows`, `text_rows`, found by `rows`), what each column is for
(`columns`), what a prompt's questions are (`questions`), and how rows become a suite (`reader`). What is guessed is
said in notes.
"""
