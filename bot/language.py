"""Tells the language of a message, and what to say in it. The articles are English; so are the answers.

A question in another language is searched for by its technical words, which many languages share ("BERT", "fine-tuning") or
which stand in the short glossary below. With fewer than three of them it is declined: no answer is better than a wrong topic.
"""

import re
from dataclasses import dataclass
from functools import cache

ENOUGH_TERMS = 3
SURE = 0.4  # how likely a language must be, among those below and English
# The commonest English words: a message with a fair share of them needs no detector.
ENGLISH = re.compile(
    r"\b(?:the|is|are|of|and|to|in|a|an|what|how|why|does|do|can|which|it|my|when|for|with|not|if|should|between|that|this|i|you|"
    r"have|was|were|be|or|on|me|more|than|as|by|at|from|about|after|before|there|we|they|but|would|could|will)\b", re.IGNORECASE)
# What the keywords of an English search share with no other language's sentence: a common word of its own, or a letter.
OTHER = re.compile(
    r"\b(?:der|die|das|und|ist|nicht|eine?|einen|wie|warum|wieso|welche[rsn]?|ich|du|sich|beim|mit|hat|kann|mir|le|la|les|des|est|une?|que|quels?|"
    r"quelles?|pourquoi|comment|avec|dans|el|los|las|del|una|por|para|con|como|cu[aá]l|come|perche|quali|il|gli|che|di|della|het|een|van|hoe|"
    r"waarom|wat|welke|jak|czy|dlaczego|nie|w|nas[iı]l|neden|ve|bir|hur|varf[oö]r|och|att|jsou|proč|este|sunt|de ce|az|egy|hogyan|tại "
    r"sao|là|"
    r"apa|bagaimana|mengapa|yang|o que|uma|os|as camadas|dos|não)\b|[^\x00-\x7f\W\d_]", re.IGNORECASE)
TECHNICAL = re.compile(
    r"\b(?:bert|roberta|distilbert|sbert|pytorch|keras|tensorflow|word2vec|glove|fasttext|elmo|lora|adapters?|fine-?\s?tun\w*|feature[- "
    r"]extraction|"
    r"embeddings?|frozen|freeze|freezing|layers?|transformers?|sentiment|qa|question answering|\w*_\w*|\w*\.\w+)\b", re.IGNORECASE)

# For each language: that the answer is in English; and that the question was not understood.
WORDS = {
    "GERMAN": ("Meine Antworten gibt es nur auf Englisch; hier ist die, die zu Ihrer Frage gehört.",
               "Diese Frage habe ich nicht sicher verstanden. Bitte stellen Sie sie auf Englisch."),
    "FRENCH": ("Mes réponses n'existent qu'en anglais ; voici celle qui correspond à votre question.",
               "Je n'ai pas compris cette question avec certitude. Veuillez la poser en anglais."),
    "SPANISH": ("Mis respuestas solo existen en inglés; aquí está la que corresponde a su pregunta.",
                "No he entendido esta pregunta con seguridad. Por favor, hágala en inglés."),
    "PORTUGUESE": ("As minhas respostas só existem em inglês; aqui está a que corresponde à sua pergunta.",
                   "Não compreendi esta pergunta com segurança. Por favor, faça-a em inglês."),
    "ITALIAN": ("Le mie risposte esistono solo in inglese; ecco quella che corrisponde alla sua domanda.",
                "Non ho capito con certezza questa domanda. Per favore, la ponga in inglese."),
    "DUTCH": ("Mijn antwoorden zijn er alleen in het Engels; hier is het antwoord dat bij uw vraag hoort.",
              "Ik heb deze vraag niet zeker begrepen. Stel haar alstublieft in het Engels."),
    "POLISH": ("Moje odpowiedzi są tylko po angielsku; oto ta, która pasuje do tego pytania.",
               "Nie mam pewności, czy dobrze rozumiem to pytanie. Proszę zadać je po angielsku."),
    "RUSSIAN": ("Мои ответы есть только на английском; вот тот, который относится к вашему вопросу.",
                "Я не уверен, что правильно понял этот вопрос. Пожалуйста, задайте его по-английски."),
    "UKRAINIAN": ("Мої відповіді є лише англійською; ось та, що стосується вашого запитання.",
                  "Я не впевнений, що правильно зрозумів це запитання. Будь ласка, поставте його англійською."),
    "TURKISH": ("Yanıtlarım yalnızca İngilizce; sorunuza uygun olan yanıt aşağıda.",
                "Bu soruyu tam olarak anlayamadım. Lütfen İngilizce sorun."),
    "SWEDISH": ("Mina svar finns bara på engelska; här är det som hör till din fråga.",
                "Jag förstod inte frågan säkert. Ställ den gärna på engelska."),
    "CZECH": ("Moje odpovědi jsou jen v angličtině; zde je ta, která patří k vaší otázce.",
              "Této otázce jsem s jistotou neporozuměl. Položte ji prosím anglicky."),
    "ROMANIAN": ("Răspunsurile mele sunt doar în engleză; iată-l pe cel care corespunde întrebării dumneavoastră.",
                 "Nu am înțeles cu siguranță această întrebare. Vă rog să o puneți în engleză."),
    "HUNGARIAN": ("A válaszaim csak angolul vannak meg; itt van az, amelyik a kérdésére vonatkozik.",
                  "Ezt a kérdést nem értettem biztosan. Kérem, tegye fel angolul."),
    "VIETNAMESE": ("Các câu trả lời của tôi chỉ có bằng tiếng Anh; đây là câu trả lời cho câu hỏi của bạn.",
                   "Tôi chưa hiểu chắc câu hỏi này. Vui lòng hỏi bằng tiếng Anh."),
    "INDONESIAN": ("Jawaban saya hanya tersedia dalam bahasa Inggris; inilah jawaban untuk pertanyaan Anda.",
                   "Saya tidak yakin memahami pertanyaan ini. Silakan ajukan dalam bahasa Inggris."),
    "CHINESE": ("我的回答只有英文；以下是与您的问题对应的回答。", "我没有把握理解这个问题。请用英语提问。"),
    "JAPANESE": ("回答は英語のみです。ご質問に対応する回答は次のとおりです。", "ご質問を確実には理解できませんでした。英語でお尋ねください。"),
    "KOREAN": ("답변은 영어로만 제공됩니다. 질문에 해당하는 답변은 다음과 같습니다.", "이 질문을 확실히 이해하지 못했습니다. 영어로 질문해 주세요."),
    "ARABIC": ("إجاباتي متوفرة بالإنجليزية فقط؛ وهذه هي الإجابة عن "
               "سؤالك.", "لم أفهم هذا السؤال على وجه اليقين. من فضلك اطرحه بالإنجليزية."),
    "HINDI": ("मेरे उत्तर केवल अंग्रेज़ी में हैं; आपके प्रश्न का उत्तर यह "
              "है।", "मैं यह प्रश्न निश्चित रूप से नहीं समझ पाया। कृपया इसे अंग्रेज़ी में पूछें।"),
}

# Stems of the field's words, as they begin in several languages, and the English word that the articles use.
GLOSSARY = tuple((re.compile(pattern, re.IGNORECASE), english) for pattern, english in (
    (r"\bfine[- ]?tun\w*|\bfeinabstimm\w*|\bfeinjustier\w*|\bajust(?:e|ement)\w* fin\w*|微调|微調整|ファインチューニング|미세 ?조정|дообуч\w*|тонк\w+ "
     r"настро\w*", "fine-tuning"),
    (r"\bfeature[- ]extra\w*|\bmerkmalsextra\w*|\bextra\w+ (?:de |des |di )?(?:caract\w*|characteristi\w*|features)|特征提取|特徴抽出|특징 "
     r"?추출|извлечени\w+ признак\w*", "feature extraction"),
    (r"\bein\w*fr(?:ier|or)\w*|\bgefror\w*|\bgel(?:er|é|ée|és|ées)\b|\bcongel\w*|\bbevr\w*|\bfrozen|\bfreeze|冻结|凍結|동결|заморо\w*", "frozen"),
    (r"\bschicht\w*|\bcouches?\b|\bcapas?\b|\bcamadas?\b|\blivell\w*|\bstrat[oi]\b|\blagen?\b|\bwarstw\w*|层|層|レイヤー|레이어|층|\bсло[йияёе]\w*", "layers"),
    (r"\b(?:ober\w*|hoh\w*|supérieur\w*|superior\w*|superiori|bovenste)\b", "upper"),
    (r"\b(?:unter\w*|inférieur\w*|inferior\w*|inferiori|onderste)\b", "lower"),
    (r"\bwort(?:e\w*)?\b|\bwörter\w*|\bmots?\b|\bpalabras?\b|\bpalavras?\b|\bparol[ae]\b|\bwoord\w*|\bsłow\w*|词|單語|単語|단어|\bслов\w*", "word"),
    (r"\bve[ck]t(?:or|eur)\w*|\bvettor\w*|\bwektor\w*|向量|ベクトル|벡터|вектор\w*", "vectors"),
    (r"\bwortvektor\w*|词向量|単語ベクトル", "word vectors"),
    (r"\bembeddings?\b|\beinbettung\w*|\bplongements?\b|嵌入|埋め込み|임베딩|эмбеддинг\w*", "embeddings"),
    (r"\bgewichte?\w*|\bpoids\b|\bpesos?\b|\bpesi\b|\bgewichten\b|权重|重み|가중치|\bвес(?:а|ов|ы)\b", "weights"),
    (r"\bunterschied\w*|\bdifférence\w*|\bdiferenci?a\w*|\bdifferenz\w*|\bverschil\w*|\bróżni\w*|区别|差异|違い|차이|разниц\w*|отлич\w*", "difference"),
    (r"\bwarum\b|\bwieso\b|\bpourquoi\b|\bpor qu[eé]\b|\bperch[eé]\b|\bwaarom\b|\bdlaczego\b|为什么|為什麼|なぜ|왜\b|\bпочему\b|\bзачем\b", "why"),
    (r"\b(?:ver)?änder\w*|\bchang(?:e|ent|er)\b|\bcambia\w*|\bmuda\w*|\bcambian?o?\b|\bveränder\w*|\bverander\w*|变化|改变|変化|変わ|변하|변화|меня\w*|измен\w*", "change"),
    (r"\bsentiment\w*|\bstimmung\w*|\bsentimiento\w*|情感|感情分析|감성|тональност\w*", "sentiment"),
    (r"\bfrage[- ]?antwort\w*|\bquestion[- ]answering\b|\bquestions?[- ]réponses?|\bpreguntas y respuestas|\bqa\b|问答|質問応答|질의 "
     r"?응답|вопросно-ответн\w*", "question answering"),
    (r"\bvortrainiert\w*|\bpré-?entra[iî]n\w*|\bpreentrenad\w*|\bpré-?treinad\w*|\bpre-?addestrat\w*|预训练|事前学習|사전 "
     r"?학습|предобуч\w*", "pretrained"),
    (r"\bkontext\w*|\bcontext\w*|\bcontest\w*|上下文|文脈|문맥|контекст\w*", "context"),
    (r"\bbert\b", "BERT"), (r"\bword2vec\b", "word2vec"), (r"\belmo\b", "ELMo"), (r"\blora\b", "LoRA"), (r"\badapter\w*", "adapters"),
    (r"\bglove\b", "GloVe"), (r"\bfasttext\b", "fastText"),
    (r"\bmodell\w*|\bmodèles?\b|\bmodelos?\b|\bmodelli?o?\b|模型|モデル|모델|\bмодел\w*", "model"),
    (r"\bwenig\w*|\bpeu de\b|\bpocos?\b|\bpoucos?\b|\bpochi\b|少量|少ない|적은|\bмало\b", "little"),
    (r"\bdaten\b|\bdonnées\b|\bdatos\b|\bdados\b|\bdati\b|\bgegevens\b|数据|データ|데이터|\bданны\w*", "data"),
    (r"\bvergess\w*|\boubli\w*|\bolvid\w*|\besquec\w*|\bdimentic\w*|遗忘|忘却|망각|забыва\w*", "forgetting"),
))
GENERAL = {"why", "change", "difference", "model", "little", "data", "upper", "lower", "context", "word"}


@dataclass(frozen=True)
class Foreign:
    """A message in another language: what to say, and its technical words in English (empty if there are too few)."""

    language: str
    answered: str
    declined: str
    english: str


def foreign(text: str) -> Foreign | None:
    """What to do with a message in another language; None for English, and where the language cannot be told."""
    words = re.findall(r"[^\W\d_]+", text)
    if not words or (_latin(text) and (len(words) < 3 or len(ENGLISH.findall(text)) >= 0.25 * len(words) or not OTHER.search(text))):
        return None
    name = _detect(TECHNICAL.sub(" ", text))
    if name is None:
        return None
    answered, declined = WORDS[name]
    return Foreign(name, answered, declined, _english(text))


def _english(text: str) -> str:
    found = {english: match.start() for pattern, english in GLOSSARY if (match := pattern.search(text))}
    terms = sorted(found, key=lambda english: found[english])
    return " ".join(terms) if len(terms) >= ENOUGH_TERMS and set(terms) - GENERAL else ""


def _latin(text: str) -> bool:
    letters = re.findall(r"[^\W\d_]", text)
    return sum(letter < "\u0250" for letter in letters) > 0.5 * len(letters)


def _detect(text: str) -> str | None:
    if not re.search(r"[^\W\d_]", text):
        return None
    values = _detector().compute_language_confidence_values(text)
    best = values[0]
    return best.language.name if best.value >= SURE and best.language.name in WORDS else None


@cache
def _detector():
    from lingua import Language, LanguageDetectorBuilder  # loaded for the first message that needs it

    languages = [getattr(Language, name) for name in ("ENGLISH", *WORDS)]
    # The high accuracy mode takes 400 MB and many seconds; this one 25 MB and one second, and a sentence is enough for it.
    return LanguageDetectorBuilder.from_languages(*languages).with_low_accuracy_mode().build()
