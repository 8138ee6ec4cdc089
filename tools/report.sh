#!/usr/bin/env bash
# The two halves of action.yml: `plan` writes the report, `tell` puts it where people
# look. Everything comes by the environment, and nothing of it is ever run as words.
set -euo pipefail

# GitHub takes 65,536 characters in a comment.
MOST=60000
MARK='<!-- partnero-tolt plan -->'

plan() {
    local report="$RUNNER_TEMP/partnero-tolt-report.md" code=0
    local program=("$RUNNER_TEMP/partnero-tolt/bin/partnero-tolt" --config "$CONFIG")
    if [[ -n ${STATE:-} ]]; then
        cp "$STATE"/connector.db* "$(dirname "$CONFIG")/"
    fi
    {
        echo "$MARK"
        "${program[@]}" plan --exit-code --format markdown || code=$?
        if ((code != 0 && code != 3)); then
            printf '\nIt ended with exit code %s: the log of the job says why.\n' "$code"
        fi
    } >"$report"
    cat "$report" >>"$GITHUB_STEP_SUMMARY"
    printf 'exit-code=%s\nreport=%s\n' "$code" "$report" >>"$GITHUB_OUTPUT"
}

shortened() {
    if (($(wc -c <"$REPORT") > MOST)); then
        head -c "$MOST" "$REPORT" | iconv -c -f utf-8 -t utf-8
        printf '\n\n... cut here: the summary of the job has all of it.\n'
    else
        cat "$REPORT"
    fi
}

# The comment, or the issue, of the time before is written anew: there is one of them.
tell() {
    local body="$RUNNER_TEMP/partnero-tolt-body.md" number
    shortened >"$body"
    case $REPORT_TO in
    summary) ;;
    pull-request)
        [[ -n $PULL_REQUEST ]] || { echo "this event is no pull request" >&2; exit 2; }
        number=$(gh api --paginate "repos/$GH_REPO/issues/$PULL_REQUEST/comments" \
            --jq "map(select(.body | startswith(\"$MARK\"))) | .[0].id // empty" | head -n 1)
        if [[ -n $number ]]; then
            gh api --method PATCH "repos/$GH_REPO/issues/comments/$number" \
                --field body=@"$body" --silent
        else
            gh pr comment "$PULL_REQUEST" --body-file "$body"
        fi
        ;;
    issue)
        number=$(gh issue list --state open --limit 500 --json number,title \
            --jq "map(select(.title == env.TITLE)) | .[0].number // empty")
        if [[ -n $number ]]; then
            gh issue edit "$number" --body-file "$body"
        else
            gh issue create --title "$TITLE" --body-file "$body"
        fi
        ;;
    *)
        echo "report-to is pull-request, issue or summary, not $REPORT_TO" >&2
        exit 2
        ;;
    esac
}

case ${1:-} in
plan | tell) "$1" ;;
*) echo "usage: report.sh plan|tell" >&2; exit 2 ;;
esac
