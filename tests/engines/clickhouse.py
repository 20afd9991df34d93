"""clickhouse.py SCRIPT: runs a script of cloudtrail_engine_sql() in ClickHouse and prints each row of its last
statement as a line of JSON. chdb comes from PYTHONPATH."""
import re
import sys

from chdb import session

with open(sys.argv[1], encoding='utf-8') as file:
    text = file.read()
# at a ; that ends a line, with text in quotes passed over
statements = re.findall(r"(?:'(?:[^'\\]|\\.)*'|--[^\n]*|[^';])+(?:;|\Z)", text)
here = session.Session()
here.query('SET output_format_json_quote_64bit_integers = 0')
for statement in statements:
    if re.sub(r'--[^\n]*', '', statement).strip(' \n;'):
        answer = here.query(statement.rstrip().rstrip(';'), 'JSONEachRow')
print(answer.data(), end='')
