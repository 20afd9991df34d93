#!/bin/sh
# run.sh FOLDER [SCREENSHOT]: makes the pages of the sample, of a log whose names are markup and of an empty database, and
# lets Chromium open them (check.mjs). FOLDER is for what it makes. With SCREENSHOT it only takes the
# picture of the sample's page.
#
# CT_EXTENSION: the extension. CHROMIUM: the browser, /usr/bin/chromium when it is not given.
# DASHBOARD_FETCH=1: npm's packages are fetched into FOLDER where they are missing.
set -eu
here=tests/dashboard
folder=$1
extension=$(realpath "$CT_EXTENSION")

PLAYWRIGHT=1.65.1
AXE=4.14.1

mkdir -p "$folder"
if [ -n "${DASHBOARD_FETCH:-}" ] && [ ! -d "$folder/node_modules/axe-core" ]; then
    npm install --silent --no-save --prefix "$folder" "playwright-core@$PLAYWRIGHT" "axe-core@$AXE" >&2
fi

run_sqlite() {
    sqlite3 -batch -init /dev/null -cmd ".load $extension" "$@" >/dev/null
}

# What strangers write: a name that ends an element, begins one, comments, and ends a line.
hostile='</script><!--\u2028&<img src=x onerror=marked=1>'
record() {
    printf '{"eventVersion":"1.08","eventID":"h%s","eventTime":"2025-10-14T0%s:00:00Z",' "$1" "$1"
    printf '"eventSource":"%scall","eventName":"%scall","awsRegion":"eu-west-1",' "$hostile" "$hostile"
    printf '"recipientAccountId":"%saccount","sourceIPAddress":"%saddress",' "$hostile" "$hostile"
    printf '"userAgent":"<img src=x onerror=marked=1>agent/1","errorCode":"%s","errorMessage":"%serror","readOnly":false,' "$2" "$hostile"
    printf '"requestParameters":{"bucketName":"%sbucket"},' "$hostile"
    printf '"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/%suser","userName":"%suser"}}' "$hostile" "$hostile"
}
printf '{"Records":[%s,%s,%s]}' "$(record 1 AccessDenied)" "$(record 2 '')" \
    "$(record 3 "AccessDenied$hostile")" >"$folder/hostile.json"

rm -f "$folder"/*.db "$folder"/*.html
run_sqlite "$folder/sample.db" "SELECT cloudtrail_import('data/sample'); SELECT cloudtrail_verify('data/sample');
    SELECT cloudtrail_detect(); SELECT cloudtrail_hunt();
    SELECT writefile('$folder/sample.html',
                     cloudtrail_dashboard('{\"title\":\"The sample: a day of a small company\"}'));"
# A rule of one's own tells them all again, as stories and evidence do.
run_sqlite "$folder/hostile.db" "SELECT cloudtrail_import('$folder/hostile.json');
    CREATE VIEW everything AS
    SELECT min(eventTime) AS firstTime, max(eventTime) AS lastTime, min(recipientAccountId) AS recipientAccountId,
           min(userIdentityUserName) AS accountName, '' AS accountUPNSuffix,
           min(sourceIPAddress) AS sourceIPAddress,
           min(errorMessage) || ' ' || min(requestParameters) AS summary, '{}' AS details,
           json_group_array(event) AS evidence
      FROM cloudtrail_call;
    INSERT INTO rule (name, title, severity) VALUES ('everything', '$hostile', 'High');
    SELECT cloudtrail_detect();
    SELECT writefile('$folder/hostile.html',
                     cloudtrail_dashboard('{\"title\":\"</title><script>marked=1</script>\"}'));"
run_sqlite "$folder/empty.db" "SELECT writefile('$folder/empty.html', cloudtrail_dashboard());"

if [ -n "${2:-}" ]; then
    cp $here/screenshot.mjs "$folder/screenshot.mjs"
    exec node "$folder/screenshot.mjs" "$folder/sample.html" "$2"
fi

cp $here/check.mjs "$folder/check.mjs" # beside its packages
node "$folder/check.mjs" "$folder" "$extension"
