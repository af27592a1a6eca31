from .checkouts import (
    ChangedFile as ChangedFile,
    changed_files as changed_files,
)
from .incoming_outputs import score_incoming as score_incoming
from .proposed_rows import (
    MovedRank as MovedRank,
    ProposedRow as ProposedRow,
    propose_rows as propose_rows,
)
from .proposed_submissions import (
    Proposals as Proposals,
    check_proposals as check_proposals,
)
from .pull_request import (
    Review as Review,
    review_pull_request as review_pull_request,
)
from .review_text import review_markdown as review_markdown
from .touched_folders import (
    INCOMING as INCOMING,
    SUBMISSIONS as SUBMISSIONS,
    TouchedFolders as TouchedFolders,
    sort_changes as sort_changes,
)
