#!/usr/bin/env python3
"""check_layer.py DATABASE <LAYER: holds a layer of the ATT&CK Navigator against the property tables of its
format (version 4.5, layers/spec/v4.5/layerformat.md in github.com/mitre-attack/attack-navigator), and its
scores and comments against the tables alert and hunt_finding, read without the extension. Prints the number of techniques;
the exit status is 1 where something is not as it must be.
"""
import json
import re
import sqlite3
import sys
from collections import defaultdict

STRING, NUMBER, BOOL = str, (int, float), bool
# object: {property: (type, is it required)}; what is not here may not be there
LAYER = {
    'versions': (dict, False), 'name': (STRING, True), 'description': (STRING, False), 'domain': (STRING, True),
    'customDataURL': (STRING, False), 'filters': (dict, False), 'sorting': (NUMBER, False),
    'layout': (dict, False), 'hideDisabled': (BOOL, False), 'techniques': (list, False),
    'gradient': (dict, False), 'legendItems': (list, False), 'showTacticRowBackground': (BOOL, False),
    'tacticRowBackground': (STRING, False), 'selectTechniquesAcrossTactics': (BOOL, False),
    'selectSubtechniquesWithParent': (BOOL, False), 'selectVisibleTechniques': (BOOL, False),
    'metadata': (list, False), 'links': (list, False),
}
VERSIONS = {'attack': (STRING, False), 'navigator': (STRING, True), 'layer': (STRING, True)}
TECHNIQUE = {
    'techniqueID': (STRING, True), 'tactic': (STRING, False), 'comment': (STRING, False), 'enabled': (BOOL, False),
    'score': (NUMBER, False), 'color': (STRING, False), 'metadata': (list, False), 'links': (list, False),
    'showSubtechniques': (BOOL, False),
}
GRADIENT = {'colors': (list, True), 'minValue': (NUMBER, True), 'maxValue': (NUMBER, True)}
LAYOUT = {
    'layout': (STRING, False), 'showID': (BOOL, False), 'showName': (BOOL, False),
    'showAggregateScores': (BOOL, False), 'countUnscored': (BOOL, False), 'aggregateFunction': (STRING, False),
    'expandedSubtechniques': (STRING, False),
}
TECHNIQUE_ID = re.compile(r'T[0-9]{4}(\.[0-9]{3})?')


def check(what, thing, properties):
    for name, value in thing.items():
        kind = properties[name][0]
        assert isinstance(value, kind) and (kind is BOOL or not isinstance(value, bool)), (what, name, value)
    for name, (_, is_required) in properties.items():
        assert name in thing or not is_required, (what, name)


def techniques_of(text):
    """A list in JSON, or one text that somebody has put there."""
    if not text.startswith('['):
        return {text}
    try:
        return {x for x in json.loads(text) if isinstance(x, str)}
    except ValueError:
        return set()


def expected_scores(path):
    db = sqlite3.connect(path)
    titles = dict(db.execute('SELECT name, title FROM rule'))
    scores, rules, people = defaultdict(int), defaultdict(lambda: defaultdict(int)), defaultdict(list)
    for rule, techniques, name, suffix in db.execute(
            "SELECT ruleName, techniques, accountName, accountUPNSuffix FROM alert"
            " WHERE mergedInto IS NULL AND state <> 'suppressed' ORDER BY startTime, accountName"):
        who = name + ('@' + suffix if suffix else '')
        for technique in filter(TECHNIQUE_ID.fullmatch, techniques_of(techniques)):
            scores[technique] += 1
            rules[technique][titles.get(rule, rule)] += 1
            if who and who not in people[technique, titles.get(rule, rule)]:
                people[technique, titles.get(rule, rule)].append(who)
    comments = {}
    for technique, counts in rules.items():
        comments[technique] = set()
        for title, n in counts.items():
            names = people[technique, title]
            more = f' and {len(names) - 5} more' if len(names) > 5 else ''
            comments[technique].add(
                f'{title}: {n}' + (f" ({', '.join(names[:5])}{more})" if names else ''))
    findings = db.execute('SELECT r.title, r.techniques, count(*) FROM hunt_finding AS f JOIN rule AS r'
                          ' ON r.name = f.hunt WHERE f.suppressedBy IS NULL GROUP BY f.hunt').fetchall()
    for title, techniques, n in findings:
        for technique in filter(TECHNIQUE_ID.fullmatch, techniques_of(techniques)):
            scores[technique] += 0
            comments.setdefault(technique, set()).add(f"{title}: {n} finding{'' if n == 1 else 's'}")
    return dict(scores), comments


def main():
    layer = json.load(sys.stdin)
    check('layer', layer, LAYER)
    check('versions', layer['versions'], VERSIONS)
    check('gradient', layer['gradient'], GRADIENT)
    check('layout', layer['layout'], LAYOUT)
    assert layer['versions']['layer'] == '4.5'
    assert tuple(map(int, layer['versions']['navigator'].split('.'))) >= (4, 9, 0)
    assert layer['domain'] in ('enterprise-attack', 'mobile-attack', 'ics-attack')
    assert layer['sorting'] in (0, 1, 2, 3)
    assert layer['layout'].get('expandedSubtechniques', 'none') in ('none', 'all', 'annotated')
    gradient = layer['gradient']
    assert len(gradient['colors']) >= 2 and gradient['maxValue'] > gradient['minValue']
    assert all(re.fullmatch('#[0-9a-fA-F]{6}', color) for color in gradient['colors'])
    for technique in layer['techniques']:
        check('technique', technique, TECHNIQUE)
        assert TECHNIQUE_ID.fullmatch(technique['techniqueID'])
        assert gradient['minValue'] <= technique['score'] <= gradient['maxValue']
    scores, comments = expected_scores(sys.argv[1])
    got = {t['techniqueID']: t['score'] for t in layer['techniques']}
    assert len(got) == len(layer['techniques']), 'a technique twice'
    assert got == scores, (got, scores)
    told = {t['techniqueID']: set(t['comment'].split('\n')) for t in layer['techniques']}
    assert told == comments, (told, comments)
    print(len(got))


main()
