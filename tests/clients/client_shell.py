"""client_shell.py EXTENSION DATABASE QUERIES: the sqlite3 shell on a pseudo-terminal, as a person has it.

Its rows go to a file by .output; what it says on the terminal must hold no error.
"""
import os
import pty
import sys

extension, database, queries = sys.argv[1:]
rows = database + '.rows'
with open(queries, encoding='utf-8') as lines:
    typed = [f'.load {extension}', f'.output {rows}', *(sql.strip() + ';' for sql in lines), '.quit']

pid, terminal = pty.fork()
if pid == 0:
    os.execvp('sqlite3', ['sqlite3', database])
said = b''
for line in typed:
    os.write(terminal, line.encode() + b'\n')
while True:
    try:
        some = os.read(terminal, 65536)
    except OSError:  # how Linux ends a pseudo-terminal
        break
    if not some:
        break
    said += some
if os.waitpid(pid, 0)[1] != 0 or b'Error' in said:
    sys.exit(said.decode(errors='replace'))
sys.stdout.write(open(rows, encoding='utf-8').read())
