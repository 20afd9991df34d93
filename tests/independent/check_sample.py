#!/usr/bin/env python3
"""Checks that data/sample/ tells the stories of the table in data/README.md, and no others.

Usage: python3 tests/independent/check_sample.py [--facts DIR]

The table is read, not repeated here: a row that raises nothing it promises, and an alert that no
row promises, are both failures.
"""
import os
import sys

import read_trail

DATA = os.path.join(read_trail.PROJECT, 'data')
DAY = '2025-10-14T'


def stories():
    with open(os.path.join(DATA, 'README.md'), encoding='utf-8') as file:
        rows = [
            [cell.strip().strip('`') for cell in line.strip().strip('|').split('|')]
            for line in file
            if line.startswith('| ')
        ]
    for cells in rows:
        if len(cells) == 8 and cells[2].isdigit():
            yield dict(
                zip(
                    ('story', 'first', 'account', 'who', 'address', 'client', 'seed', 'burst'),
                    cells,
                )
            )


def main():
    facts = read_trail.Facts(
        read_trail.facts_folder(sys.argv[2] if sys.argv[1:2] == ['--facts'] else None)
    )
    trail = read_trail.Trail().read([os.path.join(DATA, 'sample')])
    table = list(stories())

    def group(account, name, suffix, address):
        return account, name + ('@' + suffix if suffix else ''), address

    expected = {
        (
            story['account'],
            story['who'],
            story['address'],
            DAY + story['first'][:5] + ':00Z',
            story['seed'],
        )
        for story in table
        if story['seed'] != 'no'
    }
    found = {
        group(row[1], row[2], row[3], row[5]) + (row[0], str(row[7]))
        for row in read_trail.seed(trail)
    }
    expected_bursts = {
        (
            story['account'],
            story['who'],
            story['address'],
            DAY + story['first'] + 'Z',
            story['burst'],
        )
        for story in table
        if story['burst'] != 'no'
    }
    found_bursts = {
        group(*row[2:6]) + (row[0], '%d, peak %d, %s' % (row[6], row[7], row[17]))
        for row in read_trail.bursts(trail, facts)
    }
    # What raises neither must be one command short, or the story is not a near miss.
    expected_near = {
        (story['account'], story['who'], story['address'], DAY + story['first'] + 'Z')
        for story in table
        if story['seed'] == story['burst'] == 'no'
    }
    found_near = {
        group(*row[2:6]) + (row[0],)
        for row in read_trail.bursts(trail, facts, threshold=7)
        if row[7] == 7
    }

    failed = 0
    for view, wanted, got in (
        ('SuspiciousAWSCLICommandExecution', expected, found),
        ('aws_cli_recon_burst', expected_bursts, found_bursts),
        ('one command short', expected_near, found_near),
    ):
        for row in sorted(wanted - got):
            print('%s: in the table, not in the sample: %s' % (view, ' '.join(row)))
        for row in sorted(got - wanted):
            print('%s: in the sample, not in the table: %s' % (view, ' '.join(row)))
        failed += len(wanted ^ got)
        print('%s: %d of %d as told' % (view, len(wanted & got), len(wanted)))
    sys.exit(1 if failed or not table else 0)


if __name__ == '__main__':
    main()
