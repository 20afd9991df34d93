#!/usr/bin/env python3
"""What the rule as published misses, and why, read slowly, to hold the view sentinel_gap against.

    read_gaps.py PATH...

One JSON array a row, in the view's column order. It shares no code with the extension and asks
another way: it mends the records themselves (takes the brackets off, writes the user agent anew,
drops the MFA state ...), lets the rule's text look at them again and sees whether it speaks up.
A reason is a fault without whose mending, all others mended, the rule stays silent; if there is
none, a fault whose mending alone makes it speak; else each fault that is there.
"""
import json
import sys

from read_trail import (
    LISTED,
    SUSPICIOUS_COMMANDS,
    Facts,
    Trail,
    account_of,
    at,
    bursts_of,
    facts_folder,
    has,
    is_insight,
    listed_calls,
    lower,
    mfa_state,
    seconds_of,
    split_at,
)

EDGE, FORM, BRACKET, COMMA, MFA, MISSPELT, USER, OWN = FAULTS = [
    "window over the minute's edge",
    'user agent form',
    'bracketed agent',
    'lost comma',
    'split by MFA state',
    'misspelt command',
    'split by user name',
    'own command',
]
MENDED_LIST = {
    COMMA: ['iam.get-user', 'iam.list-access-keys'],
    MISSPELT: ['ec2.describe-transit-gateway-vpc-attachments'],
}


def call(row, command):
    record = row['record']
    return {
        'time': row['time'],
        'seconds': seconds_of(row['time']),
        'minute': row['time'][:17] + '00Z',
        'agent': at(record, 'userAgent'),
        'command': command,
        'recipient': at(record, 'recipientAccountId'),
        'account': account_of(record),
        'user': at(record, 'userIdentity', 'userName'),
        'address': at(record, 'sourceIPAddress'),
        'mfa': mfa_state(record),
        'row': id(row),
        'invokedBy': at(record, 'userIdentity', 'invokedBy'),
    }


def sees_call(one, mended, as_itself=False):
    """Whether the rule reads the event at all; `as_itself`: for the command that it is, not for
    another one that somebody has put in front of it."""
    agent, listed = one['agent'], list(SUSPICIOUS_COMMANDS)
    for fault in mended:
        listed += MENDED_LIST.get(fault, [])
    if OWN in mended and one['command'] not in LISTED:
        listed.append(one['command'])
    if BRACKET in mended and agent.startswith('['):
        agent = agent[1:]
    if agent.startswith('['):
        return False

    def reads(text):
        command = split_at(text, 'off command/', 1)
        if as_itself and not has(command, one['command']):
            return False
        return lower(text).startswith('aws-cli') and any(has(command, item) for item in listed)

    if reads(agent):
        return True
    return FORM in mended and reads('aws-cli/2 prompt/off command/' + one['command'])


def group_of(one, mended):
    return (
        None if EDGE in mended else one['minute'],
        None if MFA in mended else one['mfa'],
        None if USER in mended else one['user'],
    )


def speaks(calls, mended):
    """Whether eight different commands of one group lie in a minute."""
    groups = {}
    for one in calls:
        if sees_call(one, mended, as_itself=True):
            groups.setdefault(group_of(one, mended), []).append(one)
    for group in groups.values():
        for first in group:
            inside = {
                one['command']
                for one in group
                if first['seconds'] <= one['seconds'] < first['seconds'] + 60
            }
            if len(inside) >= 8:
                return True
    return False


def is_there(calls, fault):
    if fault == EDGE:
        return len({one['minute'] for one in calls}) > 1
    if fault == MFA:
        return len({one['mfa'] for one in calls}) > 1
    if fault == USER:
        return len({one['user'] for one in calls}) > 1
    others = [other for other in FAULTS if other != fault]
    return any(not sees_call(one, others, as_itself=True) for one in calls)


def reasons(calls):
    if not speaks(calls, FAULTS):
        return ['own threshold or window']
    needed = [
        fault for fault in FAULTS if not speaks(calls, [other for other in FAULTS if other != fault])
    ]
    enough = [fault for fault in FAULTS if speaks(calls, [fault])]
    return needed or enough or [fault for fault in FAULTS if is_there(calls, fault)]


def bursts(trail, facts):
    groups = {}
    for row, key, command, _ in listed_calls(trail, facts, LISTED):
        groups.setdefault(key, []).append(call(row, command))
    for key, members in groups.items():
        for indexes, _ in bursts_of(members, 60, 8):
            yield key, [members[index] for index in indexes]


def seed_groups(trail):
    """The rule as published: its groups with eight commands or more."""
    groups = {}
    for row in trail.rows:
        record = row['record']
        if is_insight(record):
            continue
        one = call(row, split_at(at(record, 'userAgent'), 'off command/', 1))
        if sees_call(one, []):
            key = (one['minute'], one['recipient']) + one['account']
            key += (one['user'], one['address'], one['mfa'])
            groups.setdefault(key, []).append(one)
    return {
        key: calls for key, calls in groups.items() if len({one['command'] for one in calls}) >= 8
    }


def gaps(trail, facts):
    seed = seed_groups(trail)
    own = {id(row): command for row, _, command, _ in listed_calls(trail, facts, LISTED)}
    heard = set()
    for key, calls in bursts(trail, facts):
        rows = {
            (one['minute'], one['recipient'])
            + one['account']
            + (one['user'], one['address'], one['mfa'])
            for one in calls
            if sees_call(one, [])
        } & set(seed)
        heard |= rows
        if not rows:
            yield (
                ['SuspiciousAWSCLICommandExecution', calls[0]['time'], calls[-1]['time']]
                + list(key)
                + [len({one['command'] for one in calls}), reasons(calls)]
            )
    for key in set(seed) - heard:
        minute, recipient, name, suffix, _, address, _ = key
        commands = {lower(one['command']) for one in seed[key]}
        if len(commands & {lower(command) for command in LISTED}) < 8:
            why = 'commands not on the list'
        elif not name:
            why = 'no account name'
        elif len({own[one['row']] for one in seed[key] if one['row'] in own}) < 8:
            services = [one for one in seed[key] if one['invokedBy']]
            why = 'made by a service' if services else 'agent names another call'
        else:
            why = 'own threshold or window'
        yield (
            ['aws_cli_recon_burst', minute, minute[:17] + '59Z', recipient, name, suffix, address]
            + [len({one['command'] for one in seed[key]}), [why]]
        )


def main():
    trail = Trail().read(sys.argv[1:])
    rows = [
        json.dumps(row, ensure_ascii=False, separators=(',', ':'))
        for row in gaps(trail, Facts(facts_folder(None)))
    ]
    print('\n'.join(sorted(rows)))


if __name__ == '__main__':
    main()
