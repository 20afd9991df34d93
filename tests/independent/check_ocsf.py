#!/usr/bin/env python3
"""Checks Detection Findings, JSON lines on stdin, against facts of the OCSF schema.

The facts are written down here from the class detection_finding and the objects it names
(events/findings and objects in github.com/ocsf/ocsf-schema): what is required (in 1.3.0 or later,
whichever asks for more), types, the numbers of the enumerations and their captions, and where at
least one of several attributes must be there. Prints how many findings there were; the exit status
is 1 when one is not as it must be.
"""
import json
import sys

ACTIVITY = {0: 'Unknown', 1: 'Create', 2: 'Update', 3: 'Close', 99: 'Other'}
SEVERITY = {
    0: 'Unknown',
    1: 'Informational',
    2: 'Low',
    3: 'Medium',
    4: 'High',
    5: 'Critical',
    6: 'Fatal',
    99: None,
}
STATUS = {0: 'Unknown', 1: 'New', 2: 'In Progress', 3: 'Suppressed', 4: 'Resolved', 99: None}

# object: {attribute: (type, is it required)}; None as a type is any
OBJECTS = {
    'finding': {
        'activity_id': (int, True),
        'activity_name': (str, False),
        'category_uid': (int, True),
        'category_name': (str, False),
        'class_uid': (int, True),
        'class_name': (str, False),
        'cloud': ('cloud', True),
        'comment': (str, False),
        'end_time': (int, False),
        'evidences': (['evidence'], False),
        'finding_info': ('finding_info', True),
        'message': (str, False),
        'metadata': ('metadata', True),
        'observables': (['observable'], False),
        'severity': (str, False),
        'severity_id': (int, True),
        'start_time': (int, False),
        'status': (str, False),
        'status_id': (int, False),
        'time': (int, True),
        'type_name': (str, False),
        'type_uid': (int, True),
    },
    'cloud': {'provider': (str, True), 'account': ('account', False)},
    'account': {'uid': (str, False), 'type': (str, False), 'type_id': (int, False)},
    'metadata': {
        'log_name': (str, False),
        'product': ('product', True),
        'profiles': ([str], False),
        'uid': (str, False),
        'version': (str, True),
    },
    'product': {'name': (str, False), 'vendor_name': (str, True), 'version': (str, False)},
    'finding_info': {
        'analytic': ('analytic', False),
        'attacks': (['attack'], False),
        'created_time': (int, False),
        'data_sources': ([str], False),
        'desc': (str, False),
        'first_seen_time': (int, False),
        'last_seen_time': (int, False),
        'related_events_count': (int, False),
        'title': (str, True),
        'uid': (str, True),
    },
    'analytic': {
        'name': (str, False),
        'type': (str, False),
        'type_id': (int, True),
        'uid': (str, False),
        'version': (str, False),
    },
    'attack': {
        'tactic': ('named', False),
        'technique': ('named', False),
        'sub_technique': ('named', False),
    },
    'named': {'name': (str, False), 'uid': (str, False)},
    'observable': {
        'name': (str, True),
        'type': (str, False),
        'type_id': (int, True),
        'value': (str, False),
    },
    'evidence': {
        'actor': ('actor', False),
        'api': ('api', False),
        'data': (dict, False),
        'src_endpoint': ('endpoint', False),
    },
    'actor': {'user': ('user', False)},
    'user': {'name': (str, False), 'uid': (str, False), 'type': (str, False)},
    'api': {
        'operation': (str, True),
        'response': ('response', False),
        'service': ('named', False),
    },
    'response': {'error': (str, False), 'error_message': (str, False)},
    'endpoint': {'ip': (str, False), 'domain': (str, False)},
}
AT_LEAST_ONE = {
    'account': ('name', 'uid'),
    'product': ('name', 'uid'),
    'analytic': ('name', 'uid'),
    'attack': ('tactic', 'technique', 'sub_technique'),
    'named': ('name', 'uid'),
    'evidence': ('actor', 'api', 'data', 'src_endpoint'),
    'actor': ('process', 'user', 'invoked_by', 'session'),
    'user': ('account', 'name', 'uid'),
    'endpoint': ('ip', 'uid', 'name', 'hostname', 'svc_name', 'instance_uid', 'domain'),
}


def refuse_repeats(pairs):
    assert len({name for name, _ in pairs}) == len(pairs), 'a name comes twice'
    return dict(pairs)


def check(value, kind, where):
    if isinstance(kind, list):
        assert isinstance(value, list), where
        for number, item in enumerate(value):
            check(item, kind[0], '%s[%d]' % (where, number))
    elif isinstance(kind, str):
        assert isinstance(value, dict), where
        attributes = OBJECTS[kind]
        for name, (_, required) in attributes.items():
            assert name in value or not required, '%s.%s is required' % (where, name)
        for name, item in value.items():
            assert name in attributes, '%s.%s is unknown' % (where, name)
            check(item, attributes[name][0], where + '.' + name)
        assert kind not in AT_LEAST_ONE or set(AT_LEAST_ONE[kind]) & set(value), where
    else:
        assert isinstance(value, kind) and not isinstance(value, bool), where
        assert value != '' or where.endswith('error_message'), where + ' is empty'


def check_finding(finding):
    check(finding, 'finding', 'finding')
    assert (finding['class_uid'], finding['category_uid']) == (2004, 2)
    assert (finding['class_name'], finding['category_name']) == ('Detection Finding', 'Findings')
    assert finding['type_uid'] == 2004 * 100 + finding['activity_id']
    assert finding['activity_name'] == ACTIVITY[finding['activity_id']]
    assert finding['type_name'] == 'Detection Finding: ' + finding['activity_name']
    assert SEVERITY[finding['severity_id']] in (None, finding['severity'])
    assert STATUS[finding['status_id']] in (None, finding['status'])
    assert finding['metadata']['version'] == '1.3.0' and finding['metadata']['profiles'] == ['cloud']
    # milliseconds since 1970
    for name in ('time', 'start_time', 'end_time'):
        assert 10**12 < finding[name] < 10**13, name
    assert finding['start_time'] <= finding['end_time'] <= finding['time']
    assert finding['finding_info']['analytic']['type_id'] == 1
    account = finding['cloud'].get('account')
    assert account is None or account['type_id'] == 10 and account['type'] == 'AWS Account'
    count = finding['finding_info']['related_events_count']
    # an alert that was merged has given its events away
    assert len(finding['evidences']) == min(count, 100) or finding['activity_name'] == 'Close'
    for observable in finding.get('observables', []):
        assert (observable['type_id'], observable['type']) in (
            (1, 'Hostname'),
            (2, 'IP Address'),
            (4, 'User Name'),
        )


def main():
    count = 0
    for line in sys.stdin:
        check_finding(json.loads(line, object_pairs_hook=refuse_repeats))
        count += 1
    print(count)


if __name__ == '__main__':
    main()
