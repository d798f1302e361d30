"""What customers say, as staff note it: a few sentences a topic, in English and Chinese."""

from __future__ import annotations

import numpy as np

from crm_course.simulator.columns import Floats, Ints
from crm_course.tables.schemas.service import CATEGORIES, TOPICS

_EN = {
    "stock": [
        "Is it in stock at the shop?",
        "When will it be back in stock?",
        "Can you keep one for me until Saturday?",
    ],
    "shade and size": [
        "Which shade suits a warm skin tone?",
        "Is there a smaller size for travel?",
        "Will it suit dry skin?",
    ],
    "price and offers": [
        "Is there a discount for two?",
        "When does the festival offer begin?",
        "Can I use two coupons together?",
    ],
    "exchange policy": [
        "Can I exchange a gift without a receipt?",
        "How many days do I have to exchange it?",
        "It is opened: may I still change it?",
    ],
    "delivery": [
        "Do you deliver to the outlying islands?",
        "What does delivery cost?",
        "Can I collect it at another shop?",
    ],
    "order status": ["Where is my order?", "The parcel has not arrived yet.", "Can I change the delivery address?"],
    "how to use": [
        "How do I use {product}?",
        "In which order do I apply {product}?",
        "{product}: how much do I need each time?",
    ],
    "warranty": [
        "{product} stopped working, is it under warranty?",
        "Where do I send {product} for repair?",
        "{product} does not charge any more.",
    ],
    "return": [
        "I would like to return {product}.",
        "How do I send {product} back?",
        "When do I get the money for {product}?",
    ],
    "points and gifts": ["How many points do I have?", "Can I choose another gift?", "When do my points expire?"],
    "beauty class": [
        "Is there a place in the make-up class?",
        "I would like to book a skin consultation.",
        "Can I bring a friend to the class?",
    ],
    "other": ["A question about my account.", "I left an umbrella in the shop.", "Do you hire for the season?"],
}
_ZH = {
    "stock": ["店舖有現貨嗎？", "幾時再有貨？"],
    "shade and size": ["暖色皮膚用邊隻色號好？", "有冇旅行裝細支？"],
    "price and offers": ["買兩件有冇折扣？", "節日優惠幾時開始？"],
    "exchange policy": ["冇收據可以換貨嗎？", "幾多日內可以換？"],
    "delivery": ["離島送唔送貨？", "運費幾多？"],
    "order status": ["我張單去咗邊？", "包裹仲未到。"],
    "how to use": ["{product} 點樣用？", "{product} 每次用幾多？"],
    "warranty": ["{product} 壞咗，有冇保養？", "{product} 充唔到電，去邊度維修？"],
    "return": ["我想退 {product}。", "{product} 點樣寄返？"],
    "points and gifts": ["我有幾多積分？", "積分幾時到期？"],
    "beauty class": ["化妝班仲有冇位？", "想預約皮膚諮詢。"],
    "other": ["想問下我個戶口。", "我漏咗把遮喺店舖。"],
}
_COMPLAINT_EN = {
    "defect": [
        "{product} leaks, the pump is broken.",
        "{product} arrived cracked and unusable.",
        "{product} gave me a rash, it smells off.",
    ],
    "late delivery": [
        "The parcel came days after the promised date.",
        "I waited at home and the courier did not come.",
        "The delivery was late again.",
    ],
    "wrong item": [
        "I ordered something else, {product} was wrong.",
        "The wrong shade of {product} was in the box.",
        "Instead of what I ordered I got another item, not {product}.",
    ],
    "staff": [
        "The assistant was rude to me.",
        "Nobody in the shop would help me.",
        "I was pushed to buy something I did not want.",
    ],
    "payment": [
        "I was charged twice.",
        "The payment failed but the money is gone.",
        "The discount was not taken off my bill.",
    ],
    "poor answer": [
        "I was told something different on the hotline.",
        "The answer I got was wrong.",
        "I have explained it three times to your service.",
    ],
}
_COMPLAINT_ZH = {
    "defect": ["{product} 漏嘢，個泵壞咗。", "{product} 收到時已經裂開。"],
    "late delivery": ["件貨遲咗好多日先到。", "喺屋企等咗成日，速遞冇嚟。"],
    "wrong item": ["寄錯貨，唔係 {product}。", "{product} 色號寄錯咗。"],
    "staff": ["店員態度好差。", "喺店舖冇人理我。"],
    "payment": ["過咗兩次數。", "付款失敗但係扣咗錢。"],
    "poor answer": ["熱線講嘅同之前唔同。", "客服答錯咗。"],
}
_ANY = {"en": "the product", "zh": "件貨"}  # no blank before the Chinese one


class Texts:
    """All sentences, with and without each product's name; a contact's text is a position among them."""

    def __init__(self, products: list[str]) -> None:
        self.vocabulary: list[str] = []
        self._width = len(products) + 1
        subjects = [*TOPICS[:-1], *CATEGORIES]
        english, chinese = _EN | _COMPLAINT_EN, _ZH | _COMPLAINT_ZH
        self._first = np.zeros((2, len(subjects)), dtype=np.int64)
        self._count = np.zeros((2, len(subjects)), dtype=np.int64)
        self._step = np.zeros((2, len(subjects)), dtype=np.int64)
        for language, (sentences, tongue) in enumerate(((english, "en"), (chinese, "zh"))):
            for place, subject in enumerate(subjects):
                named = [_ANY[tongue], *products] if "{product}" in sentences[subject][0] else [""]
                self._first[language, place] = len(self.vocabulary)
                self._count[language, place] = len(sentences[subject])
                self._step[language, place] = len(named)
                for sentence in sentences[subject]:
                    told = (sentence.replace("{product}", name).replace(f" {_ANY['zh']}", _ANY["zh"]) for name in named)
                    self.vocabulary += [text[0].upper() + text[1:] for text in told]

    def choose(self, topic: Ints, category: Ints, product: Ints, chinese: Ints, uniform: Floats) -> Ints:
        """Choose a sentence: of the complaint's category where there is one, else of the topic."""
        subject = np.where(category >= 0, len(TOPICS) - 1 + category, topic)
        step = self._step[chinese, subject]
        which = (uniform * self._count[chinese, subject]).astype(np.int64)
        return self._first[chinese, subject] + which * step + np.where(step > 1, product + 1, 0)
