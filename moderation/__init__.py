"""What may be asked for, and what may come out.

```python
from moderation.text import Moderator

decision = Moderator(["politics", "violence"]).moderate("a dragon kite over a harbour")
assert decision.decision == "allow"
```
"""
