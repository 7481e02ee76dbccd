"""Greetings, thanks, and questions about the bot itself: answered from here, without a search."""

import re

ABOUT = """I explain **frozen and fine-tuned models**: what happens to a pretrained model and its word vectors when it is used \
as it is (feature extraction), and when it is tuned. The words come from {articles} reviewed articles with their sources; \
no language model writes them. Where an experiment can show it, it runs while you wait, on a small BERT, with a baseline \
and a caveat.

- Ask in your own words, and go on with “why?”, “and for question answering?” or “no, I meant the input embeddings”.
- Put a word in quotes, such as "bank", and I measure that word.
- State what you believe, and I say what is right and what is not.
- Write “quiz me”: you predict, and the experiment decides."""
MODELS = """The experiments run on **all-MiniLM-L6-v2** (6 layers, 384 dimensions; itself already tuned once, for sentence \
similarity) and on copies of it that were tuned here: on sentiment (twice, with two seeds), question answering, recipes, \
company reviews and tweets, and one with a frozen encoder and a trained head. The same encoder finds the articles; for that \
it was tuned here with LoRA, on readers' ways of asking and the sections that answer them. No language model writes the answers."""
SOURCES = """Every answer lists the papers and documentation that its sentences rest on, numbered as in the text. The \
numbers marked E come from experiments that ran just now; each card shows the code that prints the same numbers."""
TRUST = """Check me: every finding carries the number of its source, and every measurement shows the code that prints the same \
numbers. The articles were reviewed against their sources, but the choice of the article is automatic, so it can miss your \
point. If it did, say it in other words, or correct me: “no, I meant the input embeddings”."""
MISSED = """Sorry. The choice of the article is automatic and missed your point. Ask again with the words that matter, in one full \
sentence, or correct me: “no, I meant the input embeddings”."""
NO_MODEL = """I am a program that finds the section of a reviewed article that answers you; no language model writes the words, and no \
person types them. """
READY = """Go ahead: ask your next question in one full sentence, and I take it by itself."""
HELP = """Yes, if it is about frozen or fine-tuned models. Ask what you want to know in one full sentence, in your own words; \
error messages and code belong in it."""
HERE = """I am here. Try: “Does fine-tuning change the input embeddings?”"""
DISAGREE = """Then state what you believe in one sentence, for example “fine-tuning changes only the last layer”: I hold it against the \
articles and say, with a source, what is right and what is not. If the source itself says otherwise, trust the source."""
PRIVACY = """There is no language model and no other service behind this page: your messages are read on the machine that serves it, \
to find articles and to run experiments. Where questions are kept for teachers, without names, the page says so at \
its top, and you can switch it off there. Ask whoever runs it what its web server logs."""
LANGUAGES = """My articles are in English, and so are my answers. A question in another language is matched by its technical words \
where that is safe; to be understood, please ask in English."""

WORDS = (r"(?:so |very |pretty )*(?:much|a lot|again|everyone|all|you|"
         r"for (?:that|this|it|the (?:help|answer|explanation)|your (?:help|time|answer)))")
THANKS = rf"(?:many )?(?:thanks?|thank (?:you|u)|thx|tks|ty|cheers|merci|danke|gracias)(?: {WORDS})*"
PRAISE = (r"(?:(?:that|this|it) (?:is|was) |that's |it's )?(?:great|perfect|nice|cool|awesome|excellent|helpful|very helpful|"
          r"interesting|clear(?: now)?|good(?: answer| bot)?|amazing|wonderful|makes sense|(?:that|this) (?:helps|helped)(?: a "
          r"lot)?|(?:that|it) makes sense)")
RULES = (
    (r"(hi|hello|hey|hallo|hiya|howdy|good (morning|afternoon|evening)|greetings)( there| all| everyone| bot| guys)?( how are you( "
     r"doing)?)?"
     r"|how are you( doing)?|whats up",
     "Hello! Ask me anything about frozen and fine-tuned models, for example: "
     "“Why does the same word have different vectors in a sentiment model and in a "
     "question-answering model?”"),
    (rf"(?:(?:ok(?:ay)?|oh|ah|i see|got it|understood|yes|great|perfect|wow|alright|all right) ?)*(?:{THANKS}|{PRAISE}|got it|ok(?:ay)?|"
     rf"i see|understood|i understand(?: (?:it|that|this))?(?: now)?|alright)(?: (?:now|{THANKS}|{PRAISE}))*",
     "You are welcome. Ask on whenever something is unclear, or write “quiz me” to test what you have understood."),
    (r"(bye|goodbye|good night|see you|ciao|have a (nice|good) day)( then| later)?( and "
     r"thanks?)?", "Goodbye, and good luck with your models."),
    (r"(help|help me|what (can|do) (you|u) (do|know|cover|answer)|(whats|what is) your name|how old are you|"
     r"how many articles (do you have|are there)|(give|show) me (a list of|the|your) topics|(list|show)( me)?( your| the)? topics|"
     r"what (can|should) i ask( you)?|what topics do you (cover|know)|"
     r"who are you|what are you|what is this( bot| app| page| site)?|how (do|does) (you|this( bot| app)?) work|"
     r"who (made|built|wrote) you)( for me| about)?", ABOUT),
    (r"(which|what) (language )?models? ((do|are) you|does this( bot| app)?|are|is)( "
     r"(use|using|run|running|used|behind|here|this|that|you))*( on| here)?"
     r"|(which|what) models? (are|is) (used|running|behind (this|it|you))( here)?"
     r"|(which|what) (llm|ai) (is|are) (this|you|it)", MODELS),
    (r"(are|is) (you|this) (really )?(an? )?(real )?(llm|chatgpt|gpt|ai|language model|bot|human|person|robot)( based)?"
     r"|(do you|does (it|this)) use (an? )?(llm|chatgpt|gpt|ai|language model)s?", NO_MODEL + MODELS),
    (r"(lets )?(start over|reset|restart|begin again)|(a )?(new|another|next|different) (question|topic)|(can|may) i ask (you )?(a|"
     r"another|one more) "
     r"question|(i have|ive) (a|another|one more) question", READY),
    (r"(i )?need (some |your )?help|(can|could|will|would) you (please )?help( me)?( out)?( please)?", HELP),
    (r"test(ing)?( test)*|ping|are you (there|awake|online)|anyone (there|here)|hello world|asdf\w*|yo", HERE),
    (r"(lol|haha\w*|nice one|good one|funny|no problem|never ?mind|sorry|yes|yeah|yep|sure|maybe|fine|hm+|aha+|whatever|"
     r"my bad)( please| then)?",
     "Go on whenever you like: ask, or write “quiz me”."),
    (r"(you|this|it|this (bot|app)) (are |is )?(really |so )?(suck|sucks|stupid|useless|bad|terrible|dumb)|(are|is) (you|"
     r"this) (stupid|dumb|broken)"
     r"|bad (bot|answer)|(this|that) is (not|nt) (correct|right|true)", MISSED),
    (r"(what|which|where) (are|is|do|does)( the)?( you| your| this| it)?( get)?( the| your)? (sources?|references?|citations?|"
     r"information|knowledge|answers?|data)( come)?( from)?( for (this|that))?"
     r"|where (does|do) (this|that|it|your (answers?|information|knowledge)) come from|where do (you|u) (get|have|know) (this|that|it|"
     r"your \w+)( from)?|"
     r"(what|which) papers? (do you use|says? "
     r"(that|this|so))"
     r"|(your )?(sources?|references?|citations?)( please)?|who (says|said) (so|that|this)", SOURCES),
    (r"(can|should|how can) i trust (you|this|that|it)|are you (really )?sure( about (that|this|it))?|how (sure|certain) are you( about "
     r"(that|this|it))?"
     r"|is (that|this) (really )?(true|correct|right)|how do you know( that| this)?|prove it|really", TRUST),
    (r"(no )?(that|this) (is|was|does)( not|nt)? (what i (asked|meant|wanted)|answer my question|an answer|my "
     r"question|helpful|wrong|nonsense)"
     r"|(no )?(thats not|(that|this) (isnt|doesnt|wasnt|didnt))( answer)?( what i (asked|meant|wanted)| my question| an answer| helpful| "
     r"help)"
     r"|(you are|youre) wrong|wrong( answer)?|no|nope|you (did not|didnt) (understand|answer)( me| my question)?|i (asked|meant) "
     r"something else", MISSED),
    (r"i (disagree|do not agree|dont agree|doubt (it|that|this)|do not believe (you|it|that|this)|dont believe (you|it|that|this))( with "
     r"(you|that|this|it))?|(that|this) can(not|t) be( right| true)?", DISAGREE),
    (r"(do you|does this( bot| app| page)?) (store|save|keep|log|send) (my )?(data|messages?|questions?)( anywhere)?"
     r"|(is|are) (my )?(data|messages?|questions?) (stored|saved|kept|private|safe|logged)", PRIVACY),
    (r"(which|what) (other )?languages? (do|can) you (speak|understand|know)|do you (speak|understand) (english|german|french|spanish|"
     r"chinese|italian|portuguese|russian|japanese|other languages)|(can|could) (you|i) (answer|ask|write)( you)? in \w+", LANGUAGES),
    (r"(can|could) you (run|do|show)( me)? (an |some |any )?experiments?|(which|what) experiments? (are there|do you have|can (you|"
     r"i) (run|do)|exist)|(show|list)( me)?( all)?( the| your)? experiments?",
     "Each answer runs the experiments that its article names. You can ask for one: “How far does the word \"piano\" move?”, "
     "“Which layers change most?”, “Can a frozen model tell two senses of \"bank\" apart?”, “Is frozen or tuned better on the same "
     "examples?” Or write “quiz me”."),
)


def reply(text: str, articles: int) -> str | None:
    """The reply to a message that is nothing but such a phrase; None for everything else."""
    bare = re.sub(r"\s+", " ", re.sub(r"[^\w\s]", "", text)).strip().lower()
    if len(bare) > 120:  # no such phrase is that long
        return None
    for pattern, answer in RULES:
        if re.fullmatch(pattern, bare):
            return answer.replace("{articles}", str(articles))
    return None
